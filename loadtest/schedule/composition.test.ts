import { test } from 'tap'
import { faultChanges } from './disturbances.ts'
import { planSchedule } from './plan.ts'
import { readScenario } from './scenario-store.ts'

const read = async (name: string) => {
  const reading = await readScenario(name)
  if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
  return reading
}

test('two events happen on one day: the first gives the day, the second what goes wrong', async (t) => {
  const { scenario, profile } = await read('closure-morning+sso-slow')
  t.equal(scenario.name, 'closure-morning+sso-slow')
  t.equal(scenario.event, 'S2+S4')
  t.equal(scenario.multipliers.pages, 4.5)
  const schedule = planSchedule({ scenario, profile, scale: 0.02, seed: 1 })
  const [, rise, peak] = schedule.phases
  t.match(faultChanges(schedule), [
    { atMs: rise?.fromMs, faults: { identitySlowMs: 20_000, slowFactor: 1 } },
    { atMs: peak?.fromMs, faults: { identitySlowMs: 20_000 } },
    { atMs: peak?.toMs, faults: { identitySlowMs: 0, refuseLogins: false } },
  ])
})

test('crowds of an added event are told apart from those of the day', async (t) => {
  const { scenario } = await read('account-activation+message-fan-out')
  t.same(
    scenario.crowds.map(({ name }) => name),
    ['first-timers', 'message-fan-out-head-teachers', 'message-fan-out-readers'],
  )
})

const refused: { names: string; problem: RegExp }[] = [
  {
    names: 'closure-morning+rentree',
    problem: /multipliers: expected one scenario that sets it, found closure-morning and rentree/,
  },
  {
    names: 'closure-morning+marks-released',
    problem:
      /expected something between 07:20-07:30, .*, which closure-morning plays; found crowd push 18:00-20:00/,
  },
  { names: 'unequal-schools+regional-closure', problem: /multipliers|schools: expected one/ },
  { names: 'closure-morning+nothing', problem: /found "nothing"/ },
  { names: 'closure-morning+', problem: /found ""/ },
]

for (const { names, problem } of refused) {
  test(`refused: ${names}`, async (t) => {
    t.match(await readScenario(names), { kind: 'refused', problems: [problem] })
  })
}
