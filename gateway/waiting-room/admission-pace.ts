import type { WaitingRoomRules } from '../policy/policy.ts'

/** What the room needs to know about the gate before the origin. */
export interface GateLoad {
  /** Share of the slots held over the last second or so. */
  readonly utilisationRatio: number
  /** Requests before the gate that somebody is looking at, averaged over two seconds or so. */
  readonly pressingMean: number
  readonly limit: number
  /** Slot-seconds that one new person takes; absent: what the rules say of the portal. */
  readonly entrySlotSeconds?: number
}

/**
 * Share of the headroom that is given out a second. Who is let in shows at the gate seconds later;
 * at 1 the gate swung between 0.3 and 1 of its slots, at 0.5 its line still came and went every ten
 * seconds, at 0.3 it stays near full (simulated, and measured in rehearsals).
 */
const givenRatio = 0.3

/**
 * New sessions that may enter in a second: `0.3 × (target − established) × slots /
 * entrySlotSeconds`, where pressure is the share of the gate's slots that are held plus what
 * queues, in slots, and `established` is the pressure without what those entering account for.
 *
 * Who enters costs a login and a first page at once, and a reader's pace from then on. Following
 * the whole pressure would close the door on its own doing; what people inside need moves as
 * slowly as they do.
 */
export function admissionsPerSecond(facts: {
  /** Who enters passes all of them, so the tightest decides. */
  readonly loads: readonly GateLoad[]
  /** Admissions of the last seconds, those whose first pages the gate sees now. */
  readonly enteringPerSecond: number
  readonly rules: WaitingRoomRules
}): number {
  return Math.min(...facts.loads.map((load) => admissionsThrough(load, facts)))
}

function admissionsThrough(
  load: GateLoad,
  facts: { readonly enteringPerSecond: number; readonly rules: WaitingRoomRules },
): number {
  const { enteringPerSecond, rules } = facts
  const entrySlotSeconds = load.entrySlotSeconds ?? rules.entrySlotSeconds
  const limit = Math.max(1, load.limit)
  const pressure = load.utilisationRatio + load.pressingMean / limit
  const entering = (enteringPerSecond * entrySlotSeconds) / limit
  const established = Math.max(0, pressure - entering)
  const headroom = Math.max(0, rules.targetPressureRatio - established)
  return (givenRatio * headroom * limit) / entrySlotSeconds
}
