import { test } from 'tap'
import { heldMedianMs, pageCountQuantile, stretchedPages } from './visit-length.ts'

const grid = Array.from({ length: 200_000 }, (_, i) => (i + 0.5) / 200_000)
const meanOver = (value: (u: number) => number): number =>
  grid.reduce((sum, u) => sum + value(u), 0) / grid.length

test('page counts have the asked mean and stay within their limits', async (t) => {
  for (const mean of [1.5, 7, 9, 14, 18]) {
    const quantile = pageCountQuantile({ mean, sigma: 0.9, max: 300 })
    t.ok(Math.abs(meanOver(quantile) / mean - 1) < 0.001, `mean ${mean}`)
    t.equal(quantile(0), 1)
    t.ok(quantile(1 - 1e-12) <= 300)
  }
})

test('a busier day stretches page counts to its mean exactly', async (t) => {
  const quantile = pageCountQuantile({ mean: 9, sigma: 0.9, max: 300 })
  for (const wanted of [4, 9, 19, 40]) {
    const ratio = (wanted - 1) / 8
    const mean = meanOver((u) => stretchedPages(quantile(u), ratio, (u * 7_919) % 1))
    t.ok(Math.abs(mean / wanted - 1) < 0.005, `mean ${wanted}, found ${mean}`)
  }
  t.equal(stretchedPages(1, 5, 0.99), 1, 'a visit of one page stays one page')
  t.equal(stretchedPages(9, 1, 0.99), 9, 'a ratio of one changes nothing')
})

const gaps = [
  { meanMs: 2_250, minMs: 750, maxMs: 30_000, phrase: 'compressed: the floor matters' },
  { meanMs: 800, minMs: 750, maxMs: 30_000, phrase: 'just above the floor' },
  { meanMs: 63_000, minMs: 750, maxMs: 600_000, phrase: 'real: the cap matters' },
]

test('gaps keep their mean when they are held between a floor and a cap', async (t) => {
  for (const { phrase, ...law } of gaps) {
    const median = heldMedianMs({ ...law, sigma: 1.1 })
    const mean = meanOver((u) =>
      Math.min(law.maxMs, Math.max(law.minMs, median * Math.exp(1.1 * normalQuantile(u)))),
    )
    t.ok(Math.abs(mean / law.meanMs - 1) < 0.002, `${phrase}: found ${mean}`)
  }
})

/** The inverse normal by bisection over a sum of the density: slow, and independent of the code. */
function normalQuantile(u: number): number {
  return quantiles[Math.min(quantiles.length - 1, Math.floor(u * quantiles.length))] as number
}

const quantiles = tabulate()

function tabulate(): number[] {
  const table: number[] = []
  const count = 20_000
  let below = 0
  for (let z = -8; table.length < count && z < 8; z += 1e-5) {
    below += (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * 1e-5
    while (below >= (table.length + 0.5) / count && table.length < count) table.push(z)
  }
  return table
}
