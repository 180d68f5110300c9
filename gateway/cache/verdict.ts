import type { WallMs } from '../../core/clock.ts'
import type { Answer } from '../exchange.ts'
import { reasons } from '../outcome.ts'
import { fieldsOf } from './fields.ts'
import type { Lifetime } from './freshness.ts'
import { keyOf, type Question } from './question.ts'
import { type NotStoredReason, type Shape, storability } from './storability.ts'
import { mergedLines, type StoredAnswer } from './stored-answer.ts'

/** What an answer from behind the cache is to those who asked. */
export type Verdict =
  /** Its leader's alone: a refusal, a redirect, an error of the asker's. */
  | { readonly kind: 'own' }
  /** The origin failed or load was shed: a stale answer is better. */
  | { readonly kind: 'failed' }
  | {
      readonly kind: 'store'
      readonly key: string
      readonly shape: Shape
      readonly lifetime: Lifetime
    }
  /** The stored entry is good again, with these lines. */
  | {
      readonly kind: 'renewed'
      readonly lines: readonly string[]
      readonly lifetime: Lifetime
    }
  /** A 304 that does not fit what is stored: the whole answer is needed. */
  | { readonly kind: 'refetch' }
  | { readonly kind: 'not-stored'; readonly reason: NotStoredReason }

interface Facts {
  readonly answer: Pick<Answer, 'status' | 'headers' | 'outcome'>
  readonly question: Question
  /** The key that was asked for, null when none was known before. */
  readonly key: string | null
  /** The entry whose validators were sent. */
  readonly stored: StoredAnswer | undefined
  readonly entryMaxBytes: number
  readonly receivedAtMs: WallMs
  readonly unit: number
}

/** Judges an answer to a GET that did not ask for `no-store`. */
export function judge(facts: Facts): Verdict {
  const { answer, question, stored } = facts
  if (hasFailed(answer)) return { kind: 'failed' }
  if (answer.outcome.kind !== 'served') return { kind: 'own' }
  if (answer.status === 304 && stored) return judgeRenewal(facts, stored)
  if (answer.status !== 200) return { kind: 'own' }
  // Most private answers end here, at the cost of looking for one name.
  if (!question.rules && !isDeclared(answer.headers)) {
    return { kind: 'not-stored', reason: 'not-declared' }
  }
  const decision = storability({
    ...facts,
    status: 200,
    fields: fieldsOf(answer.headers),
    rules: question.rules,
    codingSet: question.codingSet,
  })
  if (decision.kind === 'refuse') return { kind: 'not-stored', reason: decision.reason }
  const key = keyOf(question, decision.shape)
  if (key === null) return { kind: 'not-stored', reason: 'scope-unknown' }
  return { kind: 'store', key, shape: decision.shape, lifetime: decision.lifetime }
}

// RFC 9111 §4.3.3. What the merged lines no longer allow to be kept is fetched whole.
function judgeRenewal(facts: Facts, stored: StoredAnswer): Verdict {
  const { question } = facts
  const lines = mergedLines(stored, facts.answer.headers)
  if (!lines) return { kind: 'refetch' }
  const decision = storability({
    ...facts,
    status: 200,
    fields: fieldsOf(lines),
    rules: question.rules,
    codingSet: question.codingSet,
  })
  if (decision.kind === 'refuse' || keyOf(question, decision.shape) !== facts.key) {
    return { kind: 'refetch' }
  }
  return { kind: 'renewed', lines, lifetime: decision.lifetime }
}

// RFC 5861 §4 names the statuses.
const failures = new Set([500, 502, 503, 504])

function hasFailed({ status, outcome }: Facts['answer']): boolean {
  if (outcome.kind === 'served') return failures.has(status)
  if (outcome.kind !== 'turned-away') return false
  const { kind } = reasons[outcome.reason]
  return kind === 'failed' || kind === 'shed'
}

function isDeclared(lines: readonly string[]): boolean {
  for (let at = 0; at < lines.length; at += 2) {
    if (lines[at]?.toLowerCase() === 'ecluse-audience') return true
  }
  return false
}

/**
 * May an unsafe request that was answered so have changed its resource (RFC 9111 §4.4)? Also when
 * the origin failed over it, for it may have got that far; not when it never arrived there, or a
 * flood of shed writes would empty the cache.
 */
export function mayHaveChanged({ status, outcome }: Pick<Answer, 'status' | 'outcome'>): boolean {
  switch (outcome.kind) {
    case 'served':
      return status < 400 || status >= 500
    case 'absorbed':
    case 'abandoned':
      return true
    case 'turned-away':
      return reasons[outcome.reason].kind === 'failed'
  }
}
