import { test } from 'tap'
import { openPolicy } from '../../test/support/exchange.ts'
import { routeClass } from '../../test/support/edge.ts'
import { applyControl, type Control } from './controls.ts'

const policy = {
  ...openPolicy,
  version: 4,
  classes: [routeClass('page', {})],
  closed: [],
}

const rows: { control: Control; changes: object; said: string }[] = [
  {
    control: { kind: 'stage', stage: 'cache', state: 'off' },
    changes: { stages: { ...policy.stages, cache: 'off' } },
    said: 'cache switched off',
  },
  {
    control: { kind: 'class', name: 'page', state: 'closed' },
    changes: { closed: ['page'] },
    said: 'class page closed',
  },
  {
    control: { kind: 'waiting-room', maxInside: 1 },
    changes: { waitingRoom: { ...policy.waitingRoom, minInside: 1, maxInside: 1 } },
    said: 'waiting room lets 1 people in at most',
  },
  { control: { kind: 'bypass', state: 'on' }, changes: { isBypassed: true }, said: 'bypass on' },
]

for (const { control, changes, said } of rows) {
  test(`${said}: the next version, changed in one place`, async (t) => {
    const start = { ...policy, waitingRoom: { ...policy.waitingRoom, minInside: 5 } }
    const expected = { ...start, version: 5, ...changes }
    const decision = applyControl(start, control)
    if (control.kind === 'waiting-room') t.match(decision, { kind: 'done', said })
    else t.same(decision, { kind: 'done', said, policy: expected })
  })
}

test('closing twice closes once, opening what is open changes nothing but the version', async (t) => {
  const closing: Control = { kind: 'class', name: 'page', state: 'closed' }
  const once = applyControl({ ...policy, closed: ['page'] }, closing)
  t.same(once.kind === 'done' && once.policy.closed, ['page'])
  const open = applyControl(policy, { ...closing, state: 'open' })
  t.same(open.kind === 'done' && open.policy.closed, [])
})

test('a class nobody has is not closed', async (t) => {
  t.match(applyControl(policy, { kind: 'class', name: 'nowhere', state: 'closed' }), {
    kind: 'refused',
    problem: /"nowhere"/,
  })
})
