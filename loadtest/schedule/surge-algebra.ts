/** What an ordinary visit is; the duration runs from its first to its last page. */
export interface OrdinaryVisit {
  readonly pages: number
  /** Mean time between the starts of two pages. */
  readonly gapMs: number
  /** How long the portal takes to answer when it is well. */
  readonly answerMs: number
}

/** Ratios to the ordinary day. `pages` is page views: sessions times pages a visit. */
export interface Surge {
  readonly sessions: number
  readonly pagesPerVisit: number
  readonly pages: number
  readonly gap: number
  readonly duration: number
  /** People inside at once (Little): sessions times duration. */
  readonly concurrency: number
}

export type SurgeName = keyof Surge

/** How page views divide into more people and more pages each, where nobody states it. */
export type Split = 'observed' | 'half' | 'same-pace' | 'rush'

export type SurgeSolution =
  | { readonly kind: 'ok'; readonly surge: Surge; readonly derived: readonly string[] }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/**
 * Completes what is known of a surge, or refuses it. Three identities join the six ratios:
 * pages = sessions x pagesPerVisit, concurrency = sessions x duration, and, because K pages have
 * K - 1 gaps, duration = gap (pagesPerVisit k - 1) / (k - 1) where k is `visit.pages`. Durations
 * nobody states are `otherwise.duration`; what is then still open is decided by the split.
 * `derived` says in one sentence each what was not given and where it comes from.
 */
export function solveSurge(ask: {
  readonly known: Readonly<Partial<Record<SurgeName, number>>>
  readonly visit: OrdinaryVisit
  readonly split: Split
  readonly otherwise: { readonly duration: number }
}): SurgeSolution {
  const { visit, split } = ask
  const found: Found = { ...ask.known }
  const derived: string[] = []
  const note = (name: SurgeName, why: string): void => {
    derived.push(`${labels[name]} x${shown(found[name] as number)}: ${why}`)
  }
  propagate(found, visit, note)
  if (found.duration === undefined && found.gap === undefined) {
    found.duration = ask.otherwise.duration
    note('duration', 'not given; the scenario says so')
    propagate(found, visit, note)
  }
  if (found.pagesPerVisit === undefined && found.gap === undefined) {
    decideBySplit(found, split)
    note(split === 'same-pace' ? 'gap' : 'pagesPerVisit', `split ${split}`)
    propagate(found, visit, note)
  }
  if (found.sessions === undefined) {
    found.sessions = 1
    note('sessions', 'nothing given that says how many people come; as many as usual')
    propagate(found, visit, note)
  }
  const surge = found as Surge
  const problems = problemsOf(surge, visit)
  return problems.length === 0 ? { kind: 'ok', surge, derived } : { kind: 'refused', problems }
}

type Found = { -readonly [N in SurgeName]?: number }
type Note = (name: SurgeName, why: string) => void

const labels: Readonly<Record<SurgeName, string>> = {
  sessions: 'sessions',
  pagesPerVisit: 'pages per visit',
  pages: 'pages',
  gap: 'gap between pages',
  duration: 'duration',
  concurrency: 'people at once',
}

/** Only published split: visits x3 where pages were x4.5 to x5 (Enviscope, March 2020). */
const pagesPerVisitOf = { observed: 1.5, half: 2, rush: 1 } as const

function decideBySplit(found: Found, split: Split): void {
  if (split === 'same-pace') found.gap = 1
  else found.pagesPerVisit = pagesPerVisitOf[split]
}

/** Applies the identities until they say nothing new. */
function propagate(found: Found, visit: OrdinaryVisit, note: Note): void {
  for (let before = -1; before < Object.keys(found).length; ) {
    before = Object.keys(found).length
    for (const { name, from, of, why } of identities) {
      const known = from.map((one) => found[one])
      if (found[name] !== undefined || known.includes(undefined)) continue
      found[name] = of(known as number[], visit.pages)
      note(name, why)
    }
  }
}

interface Identity {
  readonly name: SurgeName
  readonly from: readonly SurgeName[]
  readonly of: (known: readonly number[], k: number) => number
  readonly why: string
}

const at = (known: readonly number[], i: number): number => known[i] as number
const product = (known: readonly number[]): number => at(known, 0) * at(known, 1)
const quotient = (known: readonly number[]): number => at(known, 0) / at(known, 1)
const gapsRatio = (perVisit: number, k: number): number => (perVisit * k - 1) / (k - 1)

const pagesLaw = 'pages = sessions x pages per visit'
const littlesLaw = 'people at once = sessions x duration (Little)'
const gapLaw = 'K pages have K - 1 gaps'

const identities: readonly Identity[] = [
  { name: 'pages', from: ['sessions', 'pagesPerVisit'], of: product, why: pagesLaw },
  { name: 'sessions', from: ['pages', 'pagesPerVisit'], of: quotient, why: pagesLaw },
  { name: 'pagesPerVisit', from: ['pages', 'sessions'], of: quotient, why: pagesLaw },
  { name: 'concurrency', from: ['sessions', 'duration'], of: product, why: littlesLaw },
  { name: 'sessions', from: ['concurrency', 'duration'], of: quotient, why: littlesLaw },
  { name: 'duration', from: ['concurrency', 'sessions'], of: quotient, why: littlesLaw },
  {
    name: 'gap',
    from: ['duration', 'pagesPerVisit'],
    of: (known, k) => at(known, 0) / gapsRatio(at(known, 1), k),
    why: gapLaw,
  },
  {
    name: 'duration',
    from: ['gap', 'pagesPerVisit'],
    of: (known, k) => at(known, 0) * gapsRatio(at(known, 1), k),
    why: gapLaw,
  },
  {
    name: 'pagesPerVisit',
    from: ['duration', 'gap'],
    of: (known, k) => ((at(known, 0) / at(known, 1)) * (k - 1) + 1) / k,
    why: gapLaw,
  },
]

function problemsOf(surge: Surge, visit: OrdinaryVisit): string[] {
  const { sessions, pagesPerVisit, pages, gap, duration, concurrency } = surge
  const least = 1 / visit.pages
  const problems: string[] = []
  if (pagesPerVisit < least) {
    problems.push(
      `pages per visit x${shown(pagesPerVisit)}: expected x${shown(least)} or more, as a visit has ` +
        `at least one of its usual ${shown(visit.pages)} pages; ask for more pages or fewer sessions.`,
    )
    return problems
  }
  const laws = [
    [pages, sessions * pagesPerVisit, pagesLaw],
    [concurrency, sessions * duration, littlesLaw],
    [duration, gap * gapsRatio(pagesPerVisit, visit.pages), gapLaw],
  ] as const
  for (const [left, right, law] of laws) {
    if (Math.abs(left / right - 1) > 0.01) {
      problems.push(
        `${law}: expected x${shown(right)}, found x${shown(left)}; leave one of them out.`,
      )
    }
  }
  const gapMs = gap * visit.gapMs
  if (!(gapMs >= visit.answerMs + 1_000)) {
    problems.push(
      `gap between pages x${shown(gap)}: expected at least ${Math.round(visit.answerMs + 1_000)} ms ` +
        `between pages (the answer and one second), found ${Math.round(gapMs)} ms; ` +
        'ask for longer durations or fewer pages per visit.',
    )
  }
  return problems
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)))
}
