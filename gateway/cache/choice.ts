import type { MonotonicMs } from '../../core/clock.ts'
import { controlOf, isForOthersToo } from './directives.ts'
import { fieldsOf } from './fields.ts'
import { isRefreshDue, usability } from './freshness.ts'
import type { Question } from './question.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** What to do with an entry that was found. */
export type Choice =
  | {
      readonly kind: 'give'
      readonly from: 'fresh' | 'stale'
      /** Fetch a newer one behind it. */
      readonly isRefreshed: boolean
    }
  | { readonly kind: 'ask-origin' }

/** An entry younger than this is new enough for a reload. */
const reloadAfterMs = 5000
const askOrigin: Choice = Object.freeze({ kind: 'ask-origin' })

interface Facts {
  readonly question: Question
  readonly nowMs: MonotonicMs
  /** The last fetch failed just now. */
  readonly isResting: boolean
  /** In [0, 1), spreads early refreshes. */
  readonly draw: number
}

/** May this entry be given, and is a newer one to be fetched behind it (RFC 9111 §4)? */
export function choose(entry: StoredAnswer, facts: Facts): Choice {
  const { question, nowMs } = facts
  if (question.isAuthorized && !isForOthers(entry)) return askOrigin
  const wish = question.rules?.mayReload ? wished(entry, facts) : null
  if (wish) return wish
  const use = usability(entry, nowMs)
  if (use === 'fresh') return { kind: 'give', from: 'fresh', isRefreshed: isDue(entry, facts) }
  const isStaleFine = use === 'while-revalidate' || (use === 'if-error' && facts.isResting)
  if (!isStaleFine || question.isHead || question.isAuthorized) return askOrigin
  return { kind: 'give', from: 'stale', isRefreshed: use === 'while-revalidate' }
}

function isDue(entry: StoredAnswer, { question, nowMs, draw }: Facts): boolean {
  // A HEAD brings no body, and credentials may open what others must not see.
  if (question.isHead || question.isAuthorized) return false
  // Reloading must not become load: the stored answer at once, a newer one for the next.
  if (question.isReload && nowMs - entry.storedAtMs >= reloadAfterMs) return true
  return isRefreshDue(entry, nowMs, draw)
}

// RFC 9111 §5.2.1, for classes that let clients decide. Null: no wish stands against the entry.
function wished(entry: StoredAnswer, { question, nowMs }: Facts): Choice | null {
  const { isNoCache, isNoStore, maxAgeSeconds, minFreshSeconds, maxStaleSeconds } = question.asks
  if (isNoCache || isNoStore) return askOrigin
  const ageMs = nowMs - entry.bornAtMs
  if (maxAgeSeconds !== null && ageMs > maxAgeSeconds * 1000) return askOrigin
  const freshMs = entry.freshUntilMs - nowMs
  if (minFreshSeconds !== null && freshMs < minFreshSeconds * 1000) return askOrigin
  if (maxStaleSeconds === null || freshMs > 0 || -freshMs > maxStaleSeconds * 1000) return null
  return mayBeStale(entry) ? { kind: 'give', from: 'stale', isRefreshed: false } : null
}

function isForOthers(entry: StoredAnswer): boolean {
  const control = controlOf(fieldsOf(entry.originLines))
  return control !== null && isForOthersToo(control.directives)
}

// RFC 9111 §4.2.4.
function mayBeStale(entry: StoredAnswer): boolean {
  const directives = controlOf(fieldsOf(entry.originLines))?.directives
  if (!directives || directives.isNoCache || directives.isStaleForbidden) return false
  return directives.sharedMaxAgeSeconds === null
}
