import { minutesOfClock } from './calendar.ts'
import type { ScenarioPhase } from './scenario.ts'

/** What no schema can say about phases: they follow one another and fill the run. */
export function phaseProblems(phases: readonly ScenarioPhase[]): string[] {
  const problems: string[] = []
  const names = new Set<string>()
  phases.forEach(({ name, from, to }, i) => {
    if (names.has(name))
      problems.push(`phases[${i}].name: expected a new name, found "${name}" again.`)
    names.add(name)
    if (minutesOfClock(to) <= minutesOfClock(from)) {
      problems.push(`phases[${i}].to: expected a time after ${from}, found "${to}".`)
    }
    const previous = phases[i - 1]
    if (previous !== undefined && minutesOfClock(from) < minutesOfClock(previous.to)) {
      problems.push(`phases[${i}].from: expected ${previous.to} or later, found "${from}".`)
    }
  })
  const share = phases.reduce((sum, phase) => sum + phase.share, 0)
  if (Math.abs(share - 1) > 1e-6) {
    problems.push(`phases: expected shares that sum to 1, found ${Number(share.toFixed(6))}.`)
  }
  return problems
}
