import { minutesOfClock } from './calendar.ts'
import { playedWindows } from './clock-windows.ts'
import type { Schedule } from './plan.ts'
import type { Disturbance, PortalFaults } from './scenario.ts'

/** Faults to set at a time of the run; the portal is well before the first. */
export interface FaultChange {
  readonly atMs: number
  readonly faults: PortalFaults
}

/** A portal in good health, as the stand-in's control address names it. */
const wellFaults: PortalFaults = {
  slowFactor: 1,
  errorShare: 0,
  stalled: false,
  identitySlowMs: 0,
  refuseLogins: false,
}

/**
 * The scenario's disturbances on the run's clock, each with all faults in force from then on.
 * Where two overlap, the later one in the list wins for what it names.
 */
export function faultChanges(schedule: Pick<Schedule, 'request' | 'phases'>): FaultChange[] {
  const windows = schedule.request.scenario.disturbances.flatMap(({ from, to, faults }) => {
    const asked = { fromMinute: minutesOfClock(from), toMinute: minutesOfClock(to) }
    return playedWindows(schedule.phases, asked).map(({ fromMs, toMs }) => ({
      fromMs,
      toMs,
      faults,
    }))
  })
  const times = [...new Set(windows.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))]
  return times
    .sort((a, b) => a - b)
    .map((atMs) => ({
      atMs,
      faults: windows
        .filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
        .reduce((all, { faults }) => withFaults(all, faults), wellFaults),
    }))
}

function withFaults(all: PortalFaults, faults: Disturbance['faults']): PortalFaults {
  return {
    slowFactor: faults.slowFactor ?? all.slowFactor,
    errorShare: faults.errorShare ?? all.errorShare,
    stalled: faults.stalled ?? all.stalled,
    identitySlowMs: faults.identitySlowMs ?? all.identitySlowMs,
    refuseLogins: faults.refuseLogins ?? all.refuseLogins,
  }
}
