/** An origin as this process has met it. */
interface Member {
  /** Requests in a row that got no answer. */
  failures: number
  answeredAtMs: number
  /** Times in a row that it was left alone and still did not answer. */
  rests: number
  /** Left alone until then; null while it takes part. */
  restsUntilMs: number | null
  /** One request is finding out whether it is back. */
  isProbing: boolean
  /** When it came back; null when it never was away. */
  backSinceMs: number | null
}

export type Choice =
  | { readonly kind: 'send'; readonly member: number }
  /** Nobody is there to be asked; certainly nothing was sent. */
  | { readonly kind: 'down' }

/** Who asks, and what may be tried on them. */
export interface Asked {
  /** Requests of one key go to one origin as long as it is there: sessions often live in one. */
  readonly key: string
  /** Does it change nothing? Then it is the first to find out whether an origin is back. */
  readonly isSafe: boolean
}

/** So many without an answer in a row, whoever asked; slow pages among others do not add up to it. */
const failuresMax = 5
/** One that answered a moment ago is there, whatever fails at one address of it. */
const silentForMs = 500
/** Left alone so long at first, twice as long each time, up to the last. */
const restFirstMs = 1_000
const restMaxMs = 5_000
/** A write finds out only when no page has come for so long: its outcome may stay unknown. */
const writeProbesAfterMs = 1_000
/** An origin that is back takes `1 - exp(-t / rampMs)` of what it would: its caches are cold. */
const rampMs = 30_000
const rampFrom = 0.1

/**
 * Which origin a request goes to, and which are left alone because they do not answer. A breaker
 * with one probe at a time for each. Time is monotonic and passed in. O(origins).
 */
export class OriginHealth {
  private readonly members: readonly Member[]

  constructor(count: number) {
    this.members = Array.from({ length: count }, () => ({
      failures: 0,
      answeredAtMs: Number.NEGATIVE_INFINITY,
      rests: 0,
      restsUntilMs: null,
      isProbing: false,
      backSinceMs: null,
    }))
  }

  /** Origins that are left alone now. */
  get resting(): number {
    return this.members.filter(({ restsUntilMs }) => restsUntilMs !== null).length
  }

  choose({ key, isSafe }: Asked, nowMs: number): Choice {
    const dueMs = isSafe ? nowMs : nowMs - writeProbesAfterMs
    const due = this.members.findIndex((one) => isDue(one, dueMs))
    if (due !== -1) {
      ;(this.members[due] as Member).isProbing = true
      return { kind: 'send', member: due }
    }
    return this.best(key, (one) => (one.restsUntilMs === null ? weightOf(one, nowMs) : 0))
  }

  /** As `choose` where nobody is left alone: the edge is bypassed. */
  chooseAny(key: string): Choice {
    return this.best(key, () => 1)
  }

  /** How a request to it ended; `unknown` when the client left before anybody could tell. */
  ended(member: number, how: 'answered' | 'failed' | 'unknown', nowMs: number): void {
    const one = this.members[member] as Member
    const wasProbe = one.isProbing && one.restsUntilMs !== null
    if (how === 'unknown') {
      one.isProbing = false
      return
    }
    if (how === 'answered') {
      if (one.restsUntilMs !== null) one.backSinceMs = nowMs
      const well = { failures: 0, rests: 0, restsUntilMs: null, isProbing: false }
      Object.assign(one, well, { answeredAtMs: nowMs })
      return
    }
    one.failures += 1
    // What was sent before it was left alone fails by and by, and says nothing new.
    const isSilent = one.failures >= failuresMax && nowMs - one.answeredAtMs >= silentForMs
    if (one.restsUntilMs !== null ? !wasProbe : !isSilent) return
    const restMs = Math.min(restMaxMs, restFirstMs * 2 ** one.rests)
    Object.assign(one, { rests: one.rests + 1, restsUntilMs: nowMs + restMs, isProbing: false })
  }

  /**
   * Weighted rendezvous hashing: when one leaves, only its own keys move, in proportion to what the
   * others can take; when it comes back, they return as its weight grows.
   */
  private best(key: string, weight: (one: Member) => number): Choice {
    let member = -1
    let least = Number.POSITIVE_INFINITY
    for (const [index, one] of this.members.entries()) {
      const share = weight(one)
      if (share === 0) continue
      const score = -Math.log(hashRatio(key, index)) / share
      if (score >= least) continue
      least = score
      member = index
    }
    return member === -1 ? { kind: 'down' } : { kind: 'send', member }
  }
}

function isDue({ restsUntilMs, isProbing }: Member, atMs: number): boolean {
  return restsUntilMs !== null && !isProbing && atMs >= restsUntilMs
}

function weightOf({ backSinceMs }: Member, nowMs: number): number {
  if (backSinceMs === null) return 1
  return Math.max(rampFrom, 1 - Math.exp(-(nowMs - backSinceMs) / rampMs))
}

/** FNV-1a with a last stir, as a share above 0 and at most 1. */
function hashRatio(key: string, index: number): number {
  let hash = 0x811c9dc5 ^ index
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) + 1) / 2 ** 32
}
