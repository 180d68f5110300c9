import { installPeers } from '../../cache/peers-process.ts'
import { pinToLoadCore } from '../../cache/server-process.ts'
import { type ContenderName, contenderNames, databaseSlots } from './contenders-process.ts'
import {
  goodputRatio,
  p99Ms,
  recoverySeconds,
  type Seen,
  servedRatio,
  turnedAway,
} from './observed.ts'
import { onField, playReal } from './surge-process.ts'

/** What was seen of one contender. */
export interface SurgeFigures {
  readonly goodput: number
  readonly p99Ratio: number
  readonly refusalP99Ms: number
  readonly stepGoodput: number
  readonly turnedAwayAfter: number
  readonly recoverySeconds: number
  readonly p0: number
  readonly p1: number
}

/** Warm, then 0.8x; ten times that within a second, held; then half of what it can do. */
function planOf(isShort: boolean) {
  const usualMs = 5_000
  const upMs = usualMs + (isShort ? 8_000 : 20_000)
  const downMs = upMs + (isShort ? 12_000 : 25_000)
  const durationMs = downMs + (isShort ? 15_000 : 30_000)
  const load = (nowMs: number): number => (nowMs < upMs ? 0.8 : nowMs < downMs ? 10 : 0.5)
  return { usualMs, upMs, downMs, durationMs, load }
}

/** The same surge before the same portal behind each of the four, one after the other. */
export async function fourWays(facts: {
  readonly isShort: boolean
  say(line: string): void
}): Promise<ReadonlyMap<ContenderName, SurgeFigures>> {
  installPeers(facts.say)
  // This process plays the crowd, which shares a core with the portal; the contender has its own.
  pinToLoadCore()
  const found = new Map<ContenderName, SurgeFigures>()
  for (const name of contenderNames) {
    facts.say(`T1 on sockets: ${name} …`)
    const plan = planOf(facts.isShort)
    const seen = await onField(name, (field) => playReal(field, plan))
    found.set(name, figuresOf(seen, plan))
  }
  return found
}

function figuresOf(seen: readonly Seen[], plan: ReturnType<typeof planOf>): SurgeFigures {
  const { usualMs, upMs, downMs, durationMs } = plan
  const usual = { fromMs: usualMs, toMs: upMs }
  // The first five seconds are the step; T3 asks for 0.9 from then on, T1 for the plateau.
  const surge = { fromMs: upMs + 5_000, toMs: downMs }
  const slowest = (stretch: typeof surge): number => p99Ms(seen, stretch, 'served') ?? Infinity
  return {
    goodput: goodputRatio(seen, surge, databaseSlots),
    p99Ratio: slowest(surge) / slowest(usual),
    refusalP99Ms: p99Ms(seen, surge, 'turned-away') ?? 0,
    stepGoodput: goodputRatio(seen, { fromMs: upMs + 5_000, toMs: upMs + 10_000 }, databaseSlots),
    turnedAwayAfter: turnedAway(seen, { fromMs: downMs + 10_000, toMs: durationMs - 2_000 }),
    recoverySeconds: recoverySeconds(seen, { fromMs: downMs, toMs: durationMs - 2_000 }),
    p0: servedRatio(seen, surge, 0) ?? 0,
    p1: servedRatio(seen, surge, 1) ?? 0,
  }
}
