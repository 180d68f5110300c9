import type { Faults } from '../../loadtest/stand-in/faults.ts'
import { type OverloadPlan, playOverload } from './overload-run.ts'
import { goodput, type TrialOptions, triedRules } from './trials.ts'

/** What goes wrong for a while, with the load held. */
interface Trigger {
  readonly name: string
  readonly durationMs: number
  readonly change?: Partial<Faults>
  /** Requests beside what people ask for: what is fetched again. */
  readonly loadFactor?: number
}

/** Beside them, the load alone. */
const quiet = 'nothing happens'

const triggers: readonly Trigger[] = [
  { name: quiet, durationMs: 0 },
  { name: 'the portal stalls for 30 s', durationMs: 30_000, change: { stalled: true } },
  { name: 'the portal is half as fast for 5 s', durationMs: 5_000, change: { slowFactor: 2 } },
  // The wave of misses: for ten seconds three requests reach the portal in the place of one.
  { name: 'all stored answers are gone', durationMs: 10_000, loadFactor: 3 },
]
/** The cell that recovered least, of those in which something happened. */
export function worstRatio(cells: readonly Cell[]): number {
  return Math.min(...cells.filter(({ trigger }) => trigger !== quiet).map(({ ratio }) => ratio))
}

const endOf: Partial<Faults> = { stalled: false, slowFactor: 1 }

/** One cell of the map: goodput after the trigger, over what people ask for. */
export interface Cell {
  readonly trigger: string
  readonly load: number
  readonly ratio: number
}

const triggerAtMs = 60_000
const recoverMs = 30_000
const watchedMs = 60_000

/**
 * T4: for each trigger at each load, goodput in the minute that begins 30 s after its end, over the
 * load, which nobody takes away meanwhile. Who was turned away comes back: it may be above 1.
 */
export function metastability(options: TrialOptions): readonly Cell[] {
  const loads = options.isShort ? [0.5, 0.9] : [0.5, 0.6, 0.7, 0.8, 0.9]
  return loads.flatMap((load) => {
    return triggers.map((trigger) => ({
      trigger: trigger.name,
      load,
      ratio: play(options, load, trigger) / load,
    }))
  })
}

function play(options: TrialOptions, load: number, trigger: Trigger): number {
  const endAtMs = triggerAtMs + trigger.durationMs
  const isOn = (nowMs: number): boolean => nowMs >= triggerAtMs && nowMs < endAtMs
  const { change, loadFactor = 1 } = trigger
  const plan: OverloadPlan = {
    seed: 4,
    // Six times those of the other trials: a minute of it is told from chance to one in a hundred.
    databaseSlots: 48,
    gate: options.rules === undefined ? rules : options.rules,
    durationMs: endAtMs + recoverMs + watchedMs,
    load: (nowMs) => (isOn(nowMs) ? load * loadFactor : load),
    faults:
      change === undefined
        ? []
        : [
            { atMs: triggerAtMs, change },
            { atMs: endAtMs, change: endOf },
          ],
  }
  const { seconds } = playOverload(plan)
  return goodput(seconds, endAtMs + recoverMs, plan.durationMs)
}

/** As elsewhere: a ceiling of eight times what is right. */
const rules = { ...triedRules, maxInFlight: 384, maxQueued: 1_200 }
