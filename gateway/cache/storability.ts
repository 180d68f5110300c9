import type { WallMs } from '../../core/clock.ts'
import type { Audience, CacheRules } from '../policy/policy.ts'
import { audienceNamed, narrower } from './audience.ts'
import { type CodingSet, fitsCodingSet } from './codings.ts'
import { controlOf } from './directives.ts'
import type { Fields } from './fields.ts'
import { classLifetime, type Lifetime, lifetimeOf } from './freshness.ts'

/** Why an answer is not stored. The last four are found after the header section is judged. */
export const notStoredReasons = [
  'status',
  'set-cookie',
  'identity',
  'partial',
  'vary',
  'coding',
  'not-declared',
  'audience-malformed',
  'audience-user',
  'control-malformed',
  'no-store',
  'private',
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
  readonly codingSet: CodingSet
  readonly entryMaxBytes: number
  readonly receivedAtMs: WallMs
  /** In [0, 1), spreads the lifetimes that classes give. */
  readonly unit: number
}

const variable = new Set(['accept-encoding', 'accept-language', 'accept'])

/**
 * May the answer to a GET be kept and shared (RFC 9111 §3)? Every doubt is a refusal.
 *
 * Who speaks: a targeted field wins whole over Cache-Control (RFC 9213 §2.2). Without one, a
 * class that shares within a role, school or group speaks instead of the plain field, which is
 * addressed to browsers there, except for `no-store`, which nothing overrides. A public class
 * overrides nothing.
 */
export function storability(facts: Facts): Storability {
  const { fields, rules } = facts
  const reason = unfitReason(facts)
  if (reason) return { kind: 'refuse', reason }
  const control = controlOf(fields)
  if (!control) return { kind: 'refuse', reason: 'control-malformed' }
  const audience = audienceOf(facts, control.isTargeted)
  if (typeof audience !== 'string') return audience
  const { directives, isTargeted } = control
  const doesClassSpeak = !isTargeted && rules !== undefined && rules.audience !== 'public'
  if (directives.isNoStore) return { kind: 'refuse', reason: 'no-store' }
  if (!doesClassSpeak && directives.isPrivate) return { kind: 'refuse', reason: 'private' }
  if (!doesClassSpeak && directives.isNoCache) return { kind: 'refuse', reason: 'no-cache' }
  const lifetime = doesClassSpeak
    ? classLifetime(rules, facts.unit)
    : lifetimeOf({ ...facts, directives, isTargeted })
  if (!(lifetime.freshSeconds > 0)) return { kind: 'refuse', reason: 'no-freshness' }
  const vary = varyNames(fields).filter((name) => name !== 'accept-encoding')
  return { kind: 'store', shape: { audience, vary }, lifetime }
}

function unfitReason({ status, fields, codingSet, entryMaxBytes }: Facts): NotStoredReason | null {
  if (status !== 200) return 'status'
  if (fields.has('set-cookie')) return 'set-cookie'
  // The field names whose session it is: whoever else read the answer would be taken for them.
  if (fields.has('ecluse-identity')) return 'identity'
  if (fields.has('content-range')) return 'partial'
  if (!varyNames(fields).every((name) => variable.has(name))) return 'vary'
  if (!fitsCodingSet(fields.get('content-encoding'), codingSet)) return 'coding'
  // A length that is not a number is left to the body's own count.
  return Number(fields.get('content-length') ?? 0) > entryMaxBytes ? 'too-large' : null
}

function audienceOf(
  { fields, rules }: Facts,
  isTargeted: boolean,
): Audience | { readonly kind: 'refuse'; readonly reason: NotStoredReason } {
  const text = fields.get('ecluse-audience')
  const named = text === undefined ? null : audienceNamed(text)
  if (text !== undefined && named === null) return { kind: 'refuse', reason: 'audience-malformed' }
  // Without rules of its class an answer must say both things itself: who, and for how long.
  if (!rules && !(named && isTargeted)) return { kind: 'refuse', reason: 'not-declared' }
  const audience = narrower(rules?.audience ?? 'public', named ?? 'public')
  return audience === 'user' ? { kind: 'refuse', reason: 'audience-user' } : audience
}

function varyNames(fields: Fields): string[] {
  const names = (fields.get('vary') ?? '').split(',').map((name) => name.trim().toLowerCase())
  return [...new Set(names.filter((name) => name !== ''))].sort()
}
