import type { Word } from './words.ts'

/** What the sentence at the top is decided from; null is not measured. */
export interface Situation {
  readonly connection: 'opening' | 'open' | 'lost' | 'sign-in'
  readonly isBypassed: boolean
  readonly isDraining: boolean
  readonly degraded: readonly string[]
  readonly throughGoodRatio: number | null
  readonly aroundGoodRatio: number | null
  /** Requests a second by how they end. */
  readonly served: number
  readonly turnedAway: number
  readonly failed: number
  readonly waitingPeople: number
  readonly backlogAgeSeconds: number
}

/** `act` wants somebody now, `watch` wants an eye, `calm` nothing. */
export interface Headline {
  readonly level: 'unknown' | 'calm' | 'watch' | 'act'
  readonly sentence: Word
  readonly advice: Word
  /** A share the advice quotes, 0 to 1. */
  readonly share?: number
}

/** From this share of requests on, refusals and failures are what the morning is about. */
const shareWorthSaying = 0.05
/** Older writes than this make people ask where their work is. */
const lateSeconds = 300

/** The one sentence that says how the morning goes: the worst thing first. */
export function headlineOf(now: Situation): Headline {
  if (now.connection === 'sign-in') return headline('unknown', 'signInNeeded')
  if (now.connection === 'lost') return headline('unknown', 'lost')
  if (now.connection === 'opening') return headline('unknown', 'opening')
  if (now.isBypassed) return headline('watch', 'bypassed')
  if (now.isDraining) return headline('watch', 'draining')
  if (now.aroundGoodRatio === 0) return headline('act', 'portalDown')
  if (now.throughGoodRatio === 0 && now.aroundGoodRatio === 1) {
    return headline('act', 'itIsUs')
  }
  const all = now.served + now.turnedAway + now.failed
  const failing = all > 0 ? now.failed / all : 0
  if (failing > shareWorthSaying) {
    return headline('act', 'portalFailing', failing)
  }
  const turned = all > 0 ? now.turnedAway / all : 0
  if (turned > shareWorthSaying) return headline('act', 'turningAway', turned)
  if (now.backlogAgeSeconds > lateSeconds) return headline('watch', 'backlogOld')
  if (now.degraded.length > 0) return headline('watch', 'degraded')
  if (now.waitingPeople > 0) return headline('watch', 'peopleWait')
  return headline('calm', 'allWell')
}

function headline(level: Headline['level'], sentence: Advised, share?: number): Headline {
  const advice = `${sentence}Advice` as const
  return share === undefined ? { level, sentence, advice } : { level, sentence, advice, share }
}

/** Sentences that have advice beside them. */
type Advised = { [W in Word]: `${W}Advice` extends Word ? W : never }[Word]
