import type { WallMs } from '../../core/clock.ts'
import type { Audience, CacheRules } from '../policy/policy.ts'
import { audienceNamed, narrower } from './audience.ts'
import { type CodingSet, fitsCodingSet } from './codings.ts'
import { isOutOfPlace } from './content-type.ts'
import { controlOf, type Directives, isForOthersToo } from './directives.ts'
import type { Fields } from './fields.ts'
import { classLifetime, type Lifetime, lifetimeOf, otherLifetime } from './freshness.ts'
import { isOfTheResource, isUnderstood, mayBeGuessed } from './statuses.ts'
import { selectingNames } from './vary.ts'

/** Why an answer is not stored. The last four are found after the header section is judged. */
export const notStoredReasons = [
  'status',
  'set-cookie',
  'identity',
  'partial',
  'vary',
  'coding',
  'content-type',
  'not-declared',
  'audience-malformed',
  'audience-user',
  'control-malformed',
  'no-store',
  'private',
  'authorization',
  'no-cache',
  'no-freshness',
  'too-large',
  'scope-unknown',
  'cut',
  'outdated',
  'session-changed',
] as const

export type NotStoredReason = (typeof notStoredReasons)[number]

/** Who may share an answer and what else selects it. */
export interface Shape {
  readonly audience: Audience
  /** Request fields that select it, lower-case, sorted; Accept-Encoding is always in the key. */
  readonly vary: readonly string[]
}

export type Storability =
  | { readonly kind: 'store'; readonly shape: Shape; readonly lifetime: Lifetime }
  | { readonly kind: 'refuse'; readonly reason: NotStoredReason }

interface Facts {
  readonly status: number
  readonly fields: Fields
  readonly rules: CacheRules | undefined
  readonly path: string
  readonly codingSet: CodingSet
  /** Was the origin asked for the set's codings, and not for the client's? */
  readonly isCodingAsked: boolean
  /** The request carried credentials. */
  readonly isAuthorized: boolean
  readonly entryMaxBytes: number
  /** The answer would be kept for its asker alone. */
  readonly isOwn: boolean
  readonly receivedAtMs: WallMs
  /** In [0, 1), spreads the lifetimes that classes give. */
  readonly unit: number
}

/**
 * May the answer to a GET be kept and shared (RFC 9111 §3)? Every doubt is a refusal.
 *
 * Who speaks: a targeted field wins whole over Cache-Control (RFC 9213 §2.2). Without one, a
 * class that shares within a role, school or group speaks instead of the plain field, which is
 * addressed to browsers there, except for `no-store`, which nothing overrides. A public class
 * overrides nothing. People's own pages live as long as their class says and no longer. Only a public class keeps other statuses than 200, and only when it says so.
 */
export function storability(facts: Facts): Storability {
  const { fields, rules, status } = facts
  const unfit = unfitReason(facts)
  if (unfit) return { kind: 'refuse', reason: unfit }
  const vary = selectingNames(fields)
  if (!vary) return { kind: 'refuse', reason: 'vary' }
  const control = controlOf(fields)
  if (!control) return { kind: 'refuse', reason: 'control-malformed' }
  const audience = audienceOf(facts, control.isTargeted)
  if (typeof audience !== 'string') return audience
  if (status !== 200 && audience !== 'public') return { kind: 'refuse', reason: 'status' }
  const { directives, isTargeted } = control
  const doesClassSpeak = !isTargeted && rules !== undefined && rules.audience !== 'public'
  const forbidden = forbiddenReason(facts, directives, doesClassSpeak ? 'class' : 'answer')
  if (forbidden) return { kind: 'refuse', reason: forbidden }
  const guess = { mayBeGuessed: mayBeGuessed(status) || directives.isPublic }
  const said = { ...facts, directives, isTargeted }
  const lifetime =
    rules && (doesClassSpeak || facts.isOwn)
      ? classLifetime(rules, facts.unit)
      : status === 200
        ? lifetimeOf(said)
        : otherLifetime({ ...said, ...guess })
  if (isOfUse(lifetime, fields)) return { kind: 'store', shape: { audience, vary }, lifetime }
  return { kind: 'refuse', reason: directives.isNoCache ? 'no-cache' : 'no-freshness' }
}

function unfitReason(facts: Facts): NotStoredReason | null {
  const { status, fields, rules } = facts
  if (status === 206) return 'partial'
  const isKept = status === 200 || (rules?.otherStatusSeconds ?? 0) > 0
  if (!isKept || !isOfTheResource(status)) return 'status'
  // RFC 2965's field is long dead; whoever still sends it names a session all the same.
  if (fields.has('set-cookie') || fields.has('set-cookie2')) return 'set-cookie'
  // The field names whose session it is: whoever else read the answer would be taken for them.
  if (fields.has('ecluse-identity')) return 'identity'
  const coding = fields.get('content-encoding')
  // Asked alike, every client of the set would have been answered in this coding.
  if (!facts.isCodingAsked && !fitsCodingSet(coding, facts.codingSet)) return 'coding'
  const type = fields.get('content-type')
  if (isOutOfPlace({ path: facts.path, type, allowed: rules?.contentTypes })) return 'content-type'
  // A length that is not a number is left to the body's own count.
  return Number(fields.get('content-length') ?? 0) > facts.entryMaxBytes ? 'too-large' : null
}

function forbiddenReason(
  { status, isAuthorized }: Facts,
  directives: Directives,
  speaker: 'class' | 'answer',
): NotStoredReason | null {
  const { isMustUnderstand } = directives
  if (isMustUnderstand && !isUnderstood(status)) return 'status'
  // RFC 9111 §5.2.2.3: beside must-understand, no-store is for caches that do not know it.
  if (directives.isNoStore && !isMustUnderstand) return 'no-store'
  if (speaker === 'class') return isAuthorized ? 'authorization' : null
  if (directives.isPrivate) return 'private'
  return isAuthorized && !isForOthersToo(directives) ? 'authorization' : null
}

// Fresh, or given stale while something is done about it, or good to validate with.
function isOfUse(lifetime: Lifetime, fields: Fields): boolean {
  const { freshSeconds, staleWhileRevalidateSeconds, staleIfErrorSeconds } = lifetime
  if (freshSeconds > 0 || staleWhileRevalidateSeconds > 0 || staleIfErrorSeconds > 0) return true
  return fields.has('etag') || fields.has('last-modified')
}

function audienceOf(
  { fields, rules, isOwn }: Facts,
  isTargeted: boolean,
): Audience | { readonly kind: 'refuse'; readonly reason: NotStoredReason } {
  const text = fields.get('ecluse-audience')
  const named = text === undefined ? null : audienceNamed(text)
  if (text !== undefined && named === null) return { kind: 'refuse', reason: 'audience-malformed' }
  // Without rules of its class an answer must say both things itself: who, and for how long.
  if (!rules && !(named && isTargeted)) return { kind: 'refuse', reason: 'not-declared' }
  const audience = narrower(rules?.audience ?? 'public', named ?? 'public')
  return audience === 'user' && !isOwn ? { kind: 'refuse', reason: 'audience-user' } : audience
}
