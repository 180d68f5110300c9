import type { WaitingRoomRules } from '../policy/policy.ts'

/** What the room needs to know about the gate before the origin. */
export interface GateLoad {
  /** Share of the slots held over the last second or so. */
  readonly utilisationRatio: number
  readonly queued: number
  readonly limit: number
}

/** Share of the ceiling that is taken back in a second for each unit of pressure above the target. */
const fallGain = 0.2
const steepestFall = 0.1

/**
 * How many may be inside from now on. Pressure is the share of the gate's slots that are held plus
 * what queues, in slots; the ceiling keeps it at the rules' target.
 *
 * Below the target it rises by the headroom in slots over `entrySlotSeconds`, people a second: who
 * enters costs a login and a first page before they cost a reader's pace, and no more people may
 * log in at once than the headroom can serve. It rises only while it is what holds people back.
 * Above the target it falls by at most a tenth a second, and never further below those inside than
 * it takes to close the door.
 */
export function nextCeiling(facts: {
  readonly ceiling: number
  /** Who is inside, or let in and on the way. */
  readonly inside: number
  readonly load: GateLoad
  readonly rules: WaitingRoomRules
  /** Since the ceiling was last moved. */
  readonly elapsedSeconds: number
}): number {
  const { ceiling, inside, load, rules, elapsedSeconds } = facts
  const pressure = load.utilisationRatio + load.queued / Math.max(1, load.limit)
  const headroom = rules.targetPressureRatio - pressure
  let moved = ceiling
  if (headroom > 0 && inside >= 0.9 * ceiling) {
    moved += ((headroom * load.limit) / rules.entrySlotSeconds) * elapsedSeconds
  } else if (headroom < 0) {
    const fall = Math.min(steepestFall, -fallGain * headroom) * elapsedSeconds
    moved = Math.min(ceiling, Math.max(ceiling * (1 - fall), 0.95 * inside))
  }
  return Math.min(rules.maxInside, Math.max(rules.minInside, moved))
}
