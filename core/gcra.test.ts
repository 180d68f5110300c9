import { test } from 'tap'
import { type GcraLimit, gcra, gcraLimit } from './gcra.ts'
import { randomStream } from './random.ts'

const second = 1_000_000
/** One unit a second, three at once. */
const limit: GcraLimit = { intervalUs: second, toleranceUs: 3 * second }
const start = 1_584_345_300 * second

test('each call is allowed or refused by what was allowed before', async (t) => {
  const rows = [
    { tat: null, atUs: 0, cost: 1, expect: { kind: 'allowed', remaining: 2, resetMs: 1_000 } },
    { tat: 0, atUs: 0, cost: 3, expect: { kind: 'allowed', remaining: 0 }, phrase: 'maximum' },
    { tat: 2, atUs: 0, cost: 1, expect: { kind: 'allowed', remaining: 0 }, phrase: 'boundary' },
    {
      tat: 3,
      atUs: 0,
      cost: 1,
      expect: { kind: 'refused', retryAfterMs: 1_000, remaining: 0, resetMs: 3_000 },
      phrase: 'time standing still',
    },
    { tat: 3, atUs: second - 1, cost: 1, expect: { kind: 'refused', retryAfterMs: 1 } },
    { tat: 3, atUs: second, cost: 1, expect: { kind: 'allowed' }, phrase: 'exactly then' },
    { tat: 3, atUs: 1e6 * second, cost: 3, expect: { kind: 'allowed' }, phrase: 'a long gap' },
    { tat: 3, atUs: -60 * second, cost: 1, expect: { retryAfterMs: 1_000 }, phrase: 'backwards' },
    { tat: 3, atUs: 0, cost: 0, expect: { kind: 'allowed', remaining: 0 }, phrase: 'zero' },
    { tat: null, atUs: 0, cost: 99, expect: { kind: 'allowed', remaining: 0 }, phrase: 'dear' },
  ]
  for (const { tat, atUs, cost, expect, phrase } of rows) {
    const tatUs = tat === null ? null : start + tat * second
    t.match(gcra({ tatUs, limit, cost, nowUs: start + atUs }), expect, phrase ?? 'row')
  }
})

test('a refusal changes nothing: a flood does not push its own end away', async (t) => {
  let tatUs: number | null = null
  let allowed = 0
  for (let nowUs = start; nowUs < start + 100 * second; nowUs += 1_000) {
    const decision = gcra({ tatUs, limit, cost: 1, nowUs })
    if (decision.kind === 'refused') continue
    tatUs = decision.tatUs
    allowed += 1
  }
  t.equal(allowed, 102, '3 at once, then one a second')
})

test('in every window at most the burst and the rate pass', async (t) => {
  for (const seed of [1, 2, 3]) {
    const random = randomStream(seed, 'gcra')
    const quota = { perMinute: 1 + Math.floor(random.next() * 600), burst: 1 + random.next() * 50 }
    const own = gcraLimit(quota)
    const passed: { atUs: number; cost: number }[] = []
    let tatUs: number | null = null
    let nowUs = start
    for (let i = 0; i < 3_000; i += 1) {
      nowUs += Math.floor(random.next() ** 4 * 10 * own.intervalUs)
      const cost = 1 + Math.floor(random.next() * Math.min(3, quota.burst))
      const decision = gcra({ tatUs, limit: own, cost, nowUs })
      if (decision.kind === 'refused') continue
      tatUs = decision.tatUs
      passed.push({ atUs: nowUs, cost })
    }
    let worst = Number.NEGATIVE_INFINITY
    for (let i = 0; i < passed.length; i += 1) {
      let units = 0
      for (const { atUs, cost } of passed.slice(i, i + 300)) {
        units += cost
        const elapsedUs = atUs - (passed[i]?.atUs ?? 0)
        worst = Math.max(worst, units - quota.burst - elapsedUs / own.intervalUs)
      }
    }
    t.ok(worst <= 1e-6, `seed ${seed}: ${worst} units too many`)
  }
})
