import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import { capacityText, nextStep, type Probe } from './capacity-search.ts'

const limits = { from: 1, atMost: 20, precision: 0.05 }

/** Searches a portal whose chance of holding falls from 1 to 0 around its limit. */
function search(holds: (multiplier: number) => boolean) {
  const probes: Probe[] = []
  for (;;) {
    const step = nextStep(probes, limits)
    if (step.kind !== 'try') return { step, probes }
    if (probes.length > 60) throw new Error('the search does not end')
    probes.push({ multiplier: step.multiplier, holds: holds(step.multiplier) })
  }
}

for (const limit of [0.2, 0.9, 1, 1.49, 4.5, 6.2, 13]) {
  test(`a portal that holds exactly x${limit} is found within 5 %`, async (t) => {
    const { step, probes } = search((multiplier) => multiplier <= limit)
    t.match(step, { kind: 'found' })
    if (step.kind !== 'found' || step.high === null) return
    t.ok(step.low <= limit && limit < step.high, `${step.low} to ${step.high}`)
    t.ok(step.high / step.low <= 1.05 + 1e-9)
    t.ok(probes.length <= 14, `${probes.length} probes`)
  })
}

test('a portal that wavers around its limit is found within 10 %, whatever its luck', async (t) => {
  for (let seed = 0; seed < 200; seed += 1) {
    const random = randomStream(seed, 'capacity')
    // Between x5.8 and x6.6 it holds by chance.
    const { step } = search((m) => random.next() < (6.6 - m) / 0.8)
    if (step.kind !== 'found' || step.high === null) throw new Error(`seed ${seed}: ${step.kind}`)
    const middle = Math.sqrt(step.low * step.high)
    t.ok(middle > 6.2 / 1.1 && middle < 6.2 * 1.1, `seed ${seed}: ${middle}`)
  }
})

test('a portal that holds everything, or nothing, is said so', async (t) => {
  t.same(search(() => true).step, { kind: 'found', low: 20, high: null })
  t.match(search(() => false).step, { kind: 'below' })
})

test('the verdict is a figure with its interval', async (t) => {
  t.equal(capacityText({ kind: 'found', low: 6, high: 6.5 }), 'holds up to x6.2 (6.0-6.5)')
  t.equal(
    capacityText({ kind: 'found', low: 20, high: null }),
    'holds x20, the most that was tried',
  )
  t.match(capacityText({ kind: 'below', high: 0.125 }), /does not hold x0\.13/)
})
