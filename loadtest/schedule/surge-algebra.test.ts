import { test } from 'tap'
import { type Split, solveSurge, type Surge, type SurgeName } from './surge-algebra.ts'

const visit = { pages: 9.75, gapMs: 27_400, answerMs: 250 }
const solve = (known: Partial<Record<SurgeName, number>>, split: Split = 'observed') =>
  solveSurge({ known, visit, split, otherwise: { duration: 3 } })

const sets: { phrase: string; split: Split; pages: number; expect: Partial<Surge> }[] = [
  {
    phrase: 'same people longer',
    split: 'same-pace',
    pages: 4.5,
    expect: { sessions: 1.61, pagesPerVisit: 2.8, gap: 1, concurrency: 4.82 },
  },
  {
    phrase: 'half and half',
    split: 'half',
    pages: 4.5,
    expect: { sessions: 2.25, gap: 1.42, concurrency: 6.75 },
  },
  {
    phrase: 'as observed',
    split: 'observed',
    pages: 4.5,
    expect: { sessions: 3, pagesPerVisit: 1.5, gap: 1.93, concurrency: 9 },
  },
  {
    phrase: 'everybody logs in',
    split: 'rush',
    pages: 4.5,
    expect: { sessions: 4.5, gap: 3, concurrency: 13.5 },
  },
  { phrase: 'x10, half', split: 'half', pages: 10, expect: { sessions: 5, concurrency: 15 } },
  { phrase: 'x10, rush', split: 'rush', pages: 10, expect: { concurrency: 30 } },
]

for (const { phrase, split, pages, expect } of sets) {
  test(`durations x3 and pages x${pages} are completed: ${phrase}`, async (t) => {
    const solution = solve({ duration: 3, pages }, split)
    if (solution.kind === 'refused') throw new Error(solution.problems.join(' '))
    for (const [name, value] of Object.entries(expect)) {
      const found = solution.surge[name as SurgeName]
      t.ok(Math.abs(found / value - 1) < 0.01, `${name}: ${found} for ${value}`)
    }
    t.ok(solution.derived.some((line) => line.includes(`split ${split}`)))
  })
}

test('the published decomposition needs no split', async (t) => {
  const solution = solve({ sessions: 3, pages: 5, duration: 3 })
  if (solution.kind === 'refused') throw new Error(solution.problems.join(' '))
  t.match(solution.surge, { concurrency: 9 })
  t.ok(Math.abs(solution.surge.gap - 1.72) < 0.01)
  t.notOk(solution.derived.some((line) => line.includes('split')))
})

const impossible: { phrase: string; known: Partial<Record<SurgeName, number>>; problem: RegExp }[] =
  [
    {
      phrase: 'fewer pages than visits',
      known: { sessions: 50, pages: 2 },
      problem: /pages per visit x0\.04: expected x0\.103 or more/,
    },
    {
      phrase: 'pages faster than answers',
      known: { pages: 90, sessions: 1, duration: 1 },
      problem: /expected at least 1250 ms between pages .* found 274 ms/,
    },
    {
      phrase: 'three figures that contradict each other',
      known: { pages: 6, sessions: 2, pagesPerVisit: 2 },
      problem: /pages = sessions x pages per visit: expected x4, found x6/,
    },
  ]

for (const { phrase, known, problem } of impossible) {
  test(`refused: ${phrase}`, async (t) => {
    const solution = solve(known)
    t.match(solution, { kind: 'refused', problems: [problem] })
  })
}

test('a gap that leaves no time for an answer is refused at its exact boundary', async (t) => {
  const gapAt = (gapMs: number) =>
    solve({ sessions: 1, pagesPerVisit: 1, gap: gapMs / visit.gapMs })
  t.equal(gapAt(1_250).kind, 'ok')
  t.equal(gapAt(1_249).kind, 'refused')
})

test('what nobody states about durations is what the scenario says', async (t) => {
  const solution = solve({ pages: 4.5 })
  t.match(solution, { kind: 'ok', surge: { duration: 3, sessions: 3 } })
})
