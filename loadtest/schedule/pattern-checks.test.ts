import { test } from 'tap'
import { lawChecks } from './law-checks.ts'
import { patternChecks } from './pattern-checks.ts'
import { planSchedule, type Schedule } from './plan.ts'
import { readScenario } from './scenario-store.ts'
import type { Session } from './session.ts'

const reading = await readScenario('closure-morning')
if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
const { scenario, profile } = reading
const plan = (seed: number): Schedule =>
  planSchedule({ scenario, profile, scale: 0.2, seed, minutes: 5.5 })

const failing = (checks: readonly { name: string; holds: boolean }[]): string[] =>
  checks.filter(({ holds }) => !holds).map(({ name }) => name)

test('laws and patterns hold over seeds', async (t) => {
  for (const seed of [1, 2]) {
    t.same(failing(patternChecks(plan(seed))), [], `seed ${seed}`)
    t.same(failing(lawChecks(plan(seed))), [], `seed ${seed}`)
  }
})

const broken: { phrase: string; change: (session: Session) => Partial<Session>; check: string }[] =
  [
    {
      phrase: 'one school instead of all',
      change: () => ({ school: 0 }),
      check: 'mix of schools (total variation)',
    },
    {
      phrase: 'everybody opening the same document',
      change: ({ pages }) => ({ pages: pages.map((page) => ({ ...page, item: 0 })) }),
      check: 'exponent of popularity (Zipf)',
    },
    {
      phrase: 'logins in bursts of ten seconds',
      change: ({ startMs, resumeAtMs }) => ({
        startMs: Math.floor(startMs / 10_000) * 10_000,
        resumeAtMs,
      }),
      check: 'burstiness of logins',
    },
    {
      phrase: 'pages of the busiest minute that come later',
      change: ({ resumeAtMs }) => ({ resumeAtMs: resumeAtMs + 200_000 }),
      check: 'pages of the busiest 1 min',
    },
  ]

for (const { phrase, change, check } of broken) {
  test(`a schedule with ${phrase} is found`, async (t) => {
    const right = plan(1)
    const sessionAt = (index: number): Session => {
      const session = right.sessionAt(index)
      return { ...session, ...change(session) }
    }
    t.ok(failing(patternChecks({ ...right, sessionAt })).includes(check))
  })
}

test('visits that cannot be as long as their law says are found', async (t) => {
  const right = plan(1)
  const pagesMax = { ...profile.pagesMax, value: 8 }
  const short = { ...right, request: { ...right.request, profile: { ...profile, pagesMax } } }
  t.ok(failing(lawChecks(short)).includes('pages per visit, staff'))
})
