import { minutesOfClock } from './calendar.ts'
import type { Emphasis, Scenario } from './scenario.ts'

export type Composition =
  | { readonly kind: 'ok'; readonly scenario: Scenario }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/**
 * Several events on one day. The first scenario gives the day, its phases and its judgement; the
 * others add their crowds, disturbances, emphasis and unevenness. Refused where two would change
 * the whole day or the schools, and where an added event lies outside what the phases play.
 */
export function composeScenarios(parts: readonly [Scenario, ...Scenario[]]): Composition {
  const [first, ...others] = parts
  const problems = others.flatMap((other) => problemsOf(first, other))
  const skewed = parts.filter(({ schools }) => schools !== undefined)
  if (skewed.length > 1) problems.push(twice('schools', skewed))
  if (problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'ok', scenario: others.reduce(added, first) }
}

function added(day: Scenario, other: Scenario): Scenario {
  const own = other.crowds.map((crowd) => ({ ...crowd, name: `${other.name}-${crowd.name}` }))
  return {
    ...day,
    name: `${day.name}+${other.name}`,
    title: {
      fr: `${day.title.fr} ; ${other.title.fr}`,
      en: `${day.title.en}; ${other.title.en}`,
    },
    event: `${day.event}+${other.event}`,
    figures: { ...day.figures, ...prefixed(other) },
    emphasis: bothEmphases(day.emphasis, other.emphasis),
    schools: day.schools ?? other.schools,
    crowds: [...day.crowds, ...own],
    disturbances: [...day.disturbances, ...other.disturbances],
  }
}

function problemsOf(day: Scenario, other: Scenario): string[] {
  const problems: string[] = []
  if (changesDay(day) && changesDay(other)) {
    problems.push(twice('multipliers', [day, other]))
  }
  const events = [
    ...other.crowds.map(({ name, shape }) => ({ what: `crowd ${name}`, ...shape })),
    ...other.disturbances.map(({ from, to }) => ({ what: 'disturbance', from, to })),
  ]
  const unseen = events.filter(({ from, to }) => !isPlayed(day, from, to))
  if (events.length > 0 && unseen.length === events.length) {
    const clocks = day.phases.map(({ from, to }) => `${from}-${to}`).join(', ')
    const named = unseen.map(({ what, from, to }) => `${what} ${from}-${to}`).join(', ')
    problems.push(
      `${other.name}: expected something between ${clocks}, which ${day.name} plays; found ${named}.`,
    )
  }
  return problems
}

function isPlayed(day: Scenario, from: string, to: string): boolean {
  return day.phases.some(
    (phase) =>
      minutesOfClock(phase.from) < minutesOfClock(to) &&
      minutesOfClock(phase.to) > minutesOfClock(from),
  )
}

function changesDay({ multipliers }: Scenario): boolean {
  return Object.values(multipliers).some((factor) => factor !== 1)
}

function twice(what: string, scenarios: readonly Scenario[]): string {
  const names = scenarios.map(({ name }) => name).join(' and ')
  return `${what}: expected one scenario that sets it, found ${names}.`
}

function bothEmphases(a: Emphasis, b: Emphasis): Emphasis {
  return {
    services: multiplied(a.services, b.services),
    roles: multiplied(a.roles, b.roles),
  }
}

function multiplied(
  a: Readonly<Record<string, number | undefined>>,
  b: Readonly<Record<string, number | undefined>>,
): Record<string, number> {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 1) * (b[name] ?? 1)]))
}

function prefixed({ name, figures }: Scenario): Scenario['figures'] {
  return Object.fromEntries(Object.entries(figures).map(([key, row]) => [`${name}: ${key}`, row]))
}
