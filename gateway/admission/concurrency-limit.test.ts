import { test } from 'tap'
import {
  firstLimit,
  type LimitState,
  type LimitWindow,
  nextLimit,
  targetSlowness,
} from './concurrency-limit.ts'

const bounds = { min: 4, max: 100 }
const start: LimitState = { ...firstLimit(bounds), phase: 'following', limit: 20, slownessLog: 0 }
const unknown = firstLimit(bounds)
const seen = (changes: Partial<LimitWindow>): LimitWindow => ({
  ended: 100,
  slowness: 1,
  lateRatio: 0,
  heldRatio: 1,
  peakRatio: 1,
  workPerSecond: 10_000,
  ...changes,
})

const near = (expected: number) => (limit: number) => Math.abs(limit - expected) < 0.01

test('one step goes where it should, and never far', async (t) => {
  const onTarget = targetSlowness(20)
  const target: LimitState = { ...start, slownessLog: Math.log(onTarget) }
  const rows: [string, LimitState, LimitWindow, (limit: number) => boolean][] = [
    ['a full gate and a quick origin', start, seen({}), (limit) => limit > 20],
    ['a quick origin and free slots', start, seen({ heldRatio: 0.5 }), (limit) => limit === 20],
    ['slots nobody needs', start, seen({ heldRatio: 0.1, peakRatio: 0.2 }), near(19)],
    ['a slow origin', target, seen({ slowness: 3 }), (limit) => limit < 20 && limit >= 14],
    ['stopped nearly', target, seen({ slowness: 1e6 }), near(14)],
    ['late answers, however quick', start, seen({ lateRatio: 0.06 }), (limit) => limit === 18],
    ['a few late answers', target, seen({ lateRatio: 0.05, slowness: onTarget }), near(20)],
    ['free slots, nothing known', unknown, seen({ slowness: null, heldRatio: 0.5 }), near(100)],
    ['a full gate, nothing known', unknown, seen({ slowness: null }), near(12.5)],
    ['nothing ended', start, seen({ ended: 0, lateRatio: Number.NaN, heldRatio: 0 }), near(20)],
  ]
  for (const [phrase, state, window, expected] of rows) {
    const { limit } = nextLimit(state, window, bounds)
    t.ok(expected(limit), `${phrase}: ${limit.toFixed(2)}`)
  }
})

test('the limit stays within its bounds, also when they contradict each other', async (t) => {
  let state = start
  for (let i = 0; i < 100; i += 1) state = nextLimit(state, seen({ slowness: 9 }), bounds)
  t.equal(state.limit, 4)
  for (let i = 0; i < 200; i += 1) state = nextLimit(state, seen({ slowness: 0.5 }), bounds)
  t.equal(state.limit, 100)
  t.equal(nextLimit(unknown, seen({ slowness: null }), { min: 50, max: 3 }).limit, 3)
})

/** Service of a pool of `slots`: as usual below, in proportion to the requests above. */
function pool(slots: number, slowFactor = 1) {
  return ({ limit }: LimitState): LimitWindow => {
    const slowness = slowFactor * Math.max(1, limit / slots)
    return seen({ slowness, workPerSecond: (limit / slowness) * 1_000 })
  }
}

function settle(origin: (state: LimitState) => LimitWindow, from = start): LimitState {
  let state = from
  for (let i = 0; i < 300; i += 1) state = nextLimit(state, origin(state), bounds)
  return state
}

test('it settles where the pool is busy and nearly nobody waits in it', async (t) => {
  for (const slots of [4, 8, 20, 60]) {
    const { limit } = settle(pool(slots))
    t.ok(limit >= slots && limit <= slots * 1.45, `${slots} slots: ${limit.toFixed(1)}`)
  }
})

test('an origin that is slow for a reason of its own is not starved as well', async (t) => {
  let state = settle(pool(20))
  let least = state.limit
  let sum = 0
  for (let i = 0; i < 300; i += 1) {
    state = nextLimit(state, pool(20, 3)(state), bounds)
    if (i >= 50) least = Math.min(least, state.limit)
    if (i >= 50) sum += Math.min(1, state.limit / 20) / 250
  }
  t.ok(sum >= 0.85, `${sum.toFixed(2)} of its slots are used`)
  t.ok(least > 8, `never below ${least.toFixed(1)}`)
})
