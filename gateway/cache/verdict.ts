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

export interface JudgedFacts {
  readonly answer: Pick<Answer, 'status' | 'headers' | 'outcome'>
  readonly question: Question
  /** The key that was asked for, null when none was known before. */
  readonly key: string | null
  /** The entry whose validators were sent. */
  readonly stored: StoredAnswer | undefined
  /** Could it be given now if this answer is a failure? */
  readonly isStoredGood: boolean
  readonly entryMaxBytes: number
  readonly receivedAtMs: WallMs
  readonly unit: number
}

/** Judges an answer to a GET that did not ask for `no-store`. */
export function judge(facts: JudgedFacts): Verdict {
  const { answer, question, stored } = facts
  const { rules } = question
  const mayKeepOthers = answer.outcome.kind === 'served' && (rules?.otherStatusSeconds ?? 0) > 0
  if (hasFailed(answer) && (facts.isStoredGood || !mayKeepOthers)) return { kind: 'failed' }
  if (answer.outcome.kind !== 'served') return { kind: 'own' }
  if (answer.status === 304 && stored) return judgeRenewal(facts, stored)
  if (answer.status !== 200 && !mayKeepOthers) return { kind: 'own' }
  // Most private answers end here, at the cost of looking for one name.
  if (!rules && !isDeclared(answer.headers)) {
    return { kind: 'not-stored', reason: 'not-declared' }
  }
  const decision = storabilityOf(facts, answer.status, fieldsOf(answer.headers))
  if (decision.kind === 'refuse') {
    if (hasFailed(answer)) return { kind: 'failed' }
    if (answer.status !== 200) return { kind: 'own' }
    return { kind: 'not-stored', reason: decision.reason }
  }
  const key = keyOf(question, decision.shape)
  if (key === null) return { kind: 'not-stored', reason: 'scope-unknown' }
  return { kind: 'store', key, shape: decision.shape, lifetime: decision.lifetime }
}

// RFC 9111 §4.3.3. What the merged lines no longer allow to be kept is fetched whole; what is
// only no longer fresh was made good for this one asker, and keeps its validators.
function judgeRenewal(facts: JudgedFacts, stored: StoredAnswer): Verdict {
  const lines = mergedLines(stored, facts.answer.headers)
  if (!lines) return { kind: 'refetch' }
  const decision = storabilityOf(facts, stored.status, fieldsOf(lines))
  if (decision.kind === 'refuse' || keyOf(facts.question, decision.shape) !== facts.key) {
    return { kind: 'refetch' }
  }
  return { kind: 'renewed', lines, lifetime: decision.lifetime }
}

/**
 * What the answer to a HEAD says of the stored answer to a GET (RFC 9111 §4.3.5): good again with
 * these lines, not to be used any more, or nothing.
 */
export function judgeHead(
  facts: JudgedFacts,
  stored: StoredAnswer,
): Extract<Verdict, { kind: 'renewed' | 'refetch' | 'own' }> {
  const { answer } = facts
  if (answer.outcome.kind !== 'served' || answer.status !== 200) return { kind: 'own' }
  const fields = fieldsOf(answer.headers)
  const old = fieldsOf(stored.lines)
  const describing = ['etag', 'last-modified', 'content-length', 'content-encoding']
  const isSame = describing.every((name) => !fields.has(name) || fields.get(name) === old.get(name))
  const verdict = isSame ? judgeRenewal(facts, stored) : ({ kind: 'refetch' } as const)
  return verdict.kind === 'renewed' ? verdict : { kind: 'refetch' }
}

function storabilityOf(
  facts: JudgedFacts,
  status: number,
  fields: ReturnType<typeof fieldsOf>,
): ReturnType<typeof storability> {
  const { rules, path, codingSet, isAuthorized, ownScope } = facts.question
  const isCodingAsked = facts.key !== null
  return storability({
    ...facts,
    status,
    fields,
    rules,
    path,
    codingSet,
    isAuthorized,
    isCodingAsked,
    isOwn: ownScope !== null,
  })
}

// RFC 5861 §4 names the statuses.
const failures = new Set([500, 502, 503, 504])

function hasFailed({ status, outcome }: JudgedFacts['answer']): boolean {
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
