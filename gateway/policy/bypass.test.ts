import { test } from 'tap'
import { openPolicy } from '../../test/support/exchange.ts'
import { routeClass } from '../../test/support/edge.ts'
import { withBypass } from './bypass.ts'
import { deadlineMsOf, effectivePolicy, type Policy, stageState, unknownClass } from './policy.ts'

const news = routeClass('news', {
  isEntry: true,
  isInside: true,
  deadlineMs: 5_000,
  cache: {
    audience: 'public',
    freshSeconds: 60,
    staleWhileRevalidateSeconds: 0,
    staleIfErrorSeconds: 0,
    ignoreQuery: [],
  },
})
const marks = routeClass('marks', { deadlineMs: 4_000 })
const policy: Policy = {
  ...openPolicy,
  version: 7,
  classes: [news, marks],
  closed: ['news', 'marks'],
}

function bypassed(state: 'on' | 'off', names: readonly string[], from = policy): Policy {
  const decision = withBypass(from, state, names)
  if (decision.kind === 'refused') throw new Error(decision.problem)
  return decision.policy
}

test('a bypass of the whole edge leaves no protection, no closed class and no short deadline', async (t) => {
  const inForce = effectivePolicy(bypassed('on', []))
  t.same(new Set(Object.values(inForce.stages)), new Set(['off']))
  t.same(inForce.closed, [])
  t.equal(deadlineMsOf({ policy: inForce, routing: { routeClass: unknownClass } }), 600_000)
  t.same(effectivePolicy(bypassed('off', [], bypassed('on', []))).stages, policy.stages)
})

test('a bypass of one class leaves the others as they were', async (t) => {
  const inForce = effectivePolicy(bypassed('on', ['news']))
  const [first, second] = inForce.classes
  t.match(first, { name: 'news', isEntry: false, isInside: false, cost: 0, isBypassed: true })
  t.equal(first?.cache, undefined)
  t.equal(second, marks)
  t.same(inForce.closed, ['marks'])
  for (const [routeClass, expect] of [
    [first, 'off'],
    [second, 'enforce'],
  ] as const) {
    if (routeClass)
      t.equal(stageState({ policy: inForce, routing: { routeClass } }, 'admission'), expect)
  }
})

test('classes are bypassed and taken back one by one, or all at once', async (t) => {
  const both = bypassed('on', ['marks'], bypassed('on', ['news']))
  t.same(both.bypassed, ['news', 'marks'])
  t.same(bypassed('off', ['news'], both).bypassed, ['marks'])
  t.same(bypassed('off', [], both).bypassed, [])
  t.equal(both.version, 9, 'each is a version of its own')
})

test('a class nobody has is not bypassed', async (t) => {
  t.match(withBypass(policy, 'on', ['new']), { kind: 'refused', problem: /"new"/ })
})
