import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { markText } from '../bench.ts'
import { serviceMs, stallEveryMs, stallMs, trueQuantileMs } from './known-times.ts'
import { loadMarks, loadRows } from './marks.ts'

test('the true times of the known server are those of evenly spread arrivals', async (t) => {
  const waits = Array.from({ length: 100_000 }, (_, i) => {
    const dueMs = (i * stallEveryMs) / 100_000
    return dueMs < stallMs ? serviceMs + stallMs - dueMs : serviceMs
  }).sort((a, b) => a - b)
  for (const ratio of [0.1, 0.5, 0.89, 0.9, 0.95, 0.99, 0.999]) {
    const counted = waits[Math.ceil(ratio * waits.length) - 1] as number
    t.ok(Math.abs(trueQuantileMs(ratio) - counted) < 0.2, `${ratio}: ${counted}`)
  }
})

test('every row and every mark of the load benchmark is documented as it is', async (t) => {
  const text = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8')
  for (const mark of loadMarks) {
    const cells = `| \`${mark.id}\` | ${mark.unit} | ${markText(mark) ?? ''}`.trimEnd()
    t.ok(text.includes(`${cells} |`), mark.id)
  }
  for (const row of loadRows) t.match(text, new RegExp(`^\\| .*\`${row}\`.* \\|`, 'm'), row)
})
