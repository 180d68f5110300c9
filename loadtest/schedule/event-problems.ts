import { minutesOfClock } from './calendar.ts'
import type { Profile } from './profile.ts'
import type { Scenario } from './scenario.ts'

/** What no schema can say about a scenario's crowds, disturbances and emphasis. */
export function eventProblems(scenario: Scenario, profile: Profile): string[] {
  const problems: string[] = []
  const names = new Set<string>()
  scenario.crowds.forEach(({ name, shape }, i) => {
    const at = `crowds[${i}]`
    if (names.has(name)) problems.push(`${at}.name: expected a new name, found "${name}" again.`)
    names.add(name)
    problems.push(...orderProblems(`${at}.shape`, shape))
    if (shape.kind !== 'triangle') return
    const isInside =
      minutesOfClock(shape.from) < minutesOfClock(shape.peak) &&
      minutesOfClock(shape.peak) <= minutesOfClock(shape.to)
    if (!isInside) {
      const wanted = `a time after ${shape.from} and not after ${shape.to}`
      problems.push(`${at}.shape.peak: expected ${wanted}, found "${shape.peak}".`)
    }
  })
  scenario.disturbances.forEach((disturbance, i) => {
    problems.push(...orderProblems(`disturbances[${i}]`, disturbance))
  })
  const known = profile.days[scenario.day].services.value.map(({ service }) => service)
  for (const service of Object.keys(scenario.emphasis.services)) {
    if (known.includes(service)) continue
    problems.push(`emphasis.services: expected one of ${known.join(', ')}, found "${service}".`)
  }
  return problems
}

function orderProblems(at: string, { from, to }: { from: string; to: string }): string[] {
  if (minutesOfClock(to) > minutesOfClock(from)) return []
  return [`${at}.to: expected a time after ${from}, found "${to}".`]
}
