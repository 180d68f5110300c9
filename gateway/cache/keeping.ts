import type { MonotonicMs } from '../../core/clock.ts'
import type { Answer, AnswerBody } from '../exchange.ts'
import { type CacheParts, decided, type Fetch, giveUpSharing, isUnsettled } from './cache-parts.ts'
import { recordHandling } from './cache-status.ts'
import { fieldsOf } from './fields.ts'
import type { Flight } from './flight.ts'
import { initialAgeMs, timelineOf, usability } from './freshness.ts'
import type { FetchMark } from './ongoing-fetches.ts'
import { tagsOf } from './purge-tags.ts'
import type { PurgePosition } from './purge-view.ts'
import { answerFrom, hasGoodCopy } from './reuse.ts'
import { type Collected, SharedBody, type SharedBodyOptions } from './shared-body.ts'
import type { NotStoredReason } from './storability.ts'
import { forwardedLines, type StoredAnswer, storedAnswer } from './stored-answer.ts'
import type { Verdict } from './verdict.ts'

/** A fetch whose answer was judged. */
export interface Judged<K extends Verdict['kind']> extends Fetch {
  readonly answer: Answer
  readonly verdict: Extract<Verdict, { kind: K }>
  readonly mark: FetchMark
  readonly begunAtMs: MonotonicMs
  /** Up to which purge this process had read when it began; null without a shared tier. */
  readonly since: PurgePosition | null
}

/** Collects an answer for the store on its way to the one who fetched it. */
export function keep(parts: CacheParts, judged: Judged<'store'>): Answer {
  const { answer, exchange, flight } = judged
  const build = entryBuilder(parts, judged, answer.headers)
  const head = build(new Uint8Array())
  // The client's copy is good: it gets a 304, and the body is the store's alone.
  const isEnough = judged.key !== null && head.status === 200 && hasGoodCopy(exchange.request, head)
  if (isEnough) flight?.hold()
  const why = judged.stored ? 'stale' : 'uri-miss'
  recordHandling(exchange, { kind: 'forwarded', why, status: answer.status, isStored: true })
  const onCollected = (collected: Collected): void => {
    const { key, shape } = judged.verdict
    const isOutdated = parts.purges.ongoing.isOutdated(judged.mark, tagsOf(key, head))
    parts.purges.ongoing.end(judged.mark)
    const isUnsure = shape.audience !== 'public' && isUnsettled(parts, judged)
    const unkept = unkeptReason(judged, collected) ?? (isUnsure ? 'session-changed' : null)
    const reason = unkept ?? (isOutdated ? 'outdated' : null)
    decided(parts, judged, reason ?? 'stored')
    if (reason === 'too-large') giveUpSharing(parts, judged, reason)
    else if (reason !== null || collected.kind !== 'whole') flight?.handOver()
    else settle(parts, judged, build(collected.body))
  }
  const body = collect(answer.body, {
    maxBytes: parts.entryMaxBytes,
    presence: flight?.crowd ?? exchange.request.presence,
    isWanted: () => isEnough || (flight?.isWanted ?? false),
    onCollected,
  })
  if (!isEnough) return { ...answer, headers: forwardedLines(answer.headers), body }
  if (body !== null && !(body instanceof Uint8Array)) body.cancel()
  const nowMs = parts.clock.monotonicMs()
  return answerFrom(head, { request: exchange.request, nowMs, from: 'origin' })
}

function collect(body: AnswerBody, options: Omit<SharedBodyOptions, 'source'>): AnswerBody {
  if (body !== null && !(body instanceof Uint8Array)) {
    return new SharedBody({ ...options, source: body })
  }
  options.onCollected({ kind: 'whole', body: body ?? new Uint8Array() })
  return body
}

/** Makes the stored entry good again by a 304, and gives it. */
export function renew(parts: CacheParts, judged: Judged<'renewed'>): Answer {
  const { exchange, stored, key, flight, mark } = judged
  const { ongoing } = parts.purges
  if (!stored || key === null) {
    ongoing.end(mark)
    return judged.answer
  }
  const entry = renewedEntry(parts, { ...judged, stored })
  const isOutdated = ongoing.isOutdated(mark, tagsOf(key, entry))
  ongoing.end(mark)
  // A purge that came in between makes this one answer good for those who asked before, no more.
  if (isOutdated) flight?.handOver()
  else {
    keepRenewed(parts, key, entry)
    shareEntry(parts, judged, { key, entry })
    endFlight(parts, { key, flight, entry })
  }
  recordHandling(exchange, { kind: 'forwarded', why: 'stale', status: 304, isStored: true })
  const nowMs = parts.clock.monotonicMs()
  return answerFrom(entry, { request: exchange.request, nowMs, from: 'revalidated' })
}

/** The stored entry with the lines that made it good again. */
export function renewedEntry(
  parts: CacheParts,
  judged: Judged<'renewed'> & { readonly stored: StoredAnswer },
): StoredAnswer {
  return entryBuilder(parts, judged, judged.verdict.lines)(judged.stored.body)
}

/** Puts a renewed entry in the place of the old one. */
export function keepRenewed(parts: CacheParts, key: string, entry: StoredAnswer): void {
  parts.store.set(key, entry)
  parts.resting.delete(key)
}

// What may not be given unasked is nobody's but its asker's: the others ask for themselves, now
// and for a while, each with the validators that were kept.
function endFlight(
  parts: CacheParts,
  kept: { readonly key: string; readonly flight: Flight | null; readonly entry: StoredAnswer },
): void {
  const { key, flight, entry } = kept
  const nowMs = parts.clock.monotonicMs()
  const use = usability(entry, nowMs)
  if (use === 'fresh' || use === 'while-revalidate') {
    parts.unshared.delete(key)
    flight?.end({ kind: 'stored', entry })
  } else {
    parts.unshared.set(key, true, nowMs)
    flight?.end({ kind: 'alone' })
  }
}

function entryBuilder(
  parts: CacheParts,
  judged: Judged<'store'> | Judged<'renewed'>,
  originLines: readonly string[],
): (body: Uint8Array) => StoredAnswer {
  const nowMs = parts.clock.monotonicMs()
  const receivedAtMs = parts.clock.wallMs()
  const responseDelayMs = judged.exchange.upstream?.originMs ?? nowMs - judged.begunAtMs
  const ageMs = initialAgeMs({ fields: fieldsOf(originLines), receivedAtMs, responseDelayMs })
  const timeline = timelineOf(judged.verdict.lifetime, { nowMs, ageMs })
  const { resource } = judged.question
  const status = judged.verdict.kind === 'store' ? judged.answer.status : judged.stored?.status
  const facts = { resource, originLines, timeline, receivedAtMs, ...(status && { status }) }
  return (body) => storedAnswer({ ...facts, body })
}

function shareEntry(
  { tier }: CacheParts,
  { since }: Pick<Judged<'store'>, 'since'>,
  { key, entry }: { readonly key: string; readonly entry: StoredAnswer },
): void {
  if (since !== null) tier?.write(key, entry, since)
}

function unkeptReason(judged: Judged<'store'>, collected: Collected): NotStoredReason | null {
  if (collected.kind !== 'whole') return collected.kind
  const length = fieldsOf(judged.answer.headers).get('content-length')
  return length !== undefined && length !== String(collected.body.byteLength) ? 'cut' : null
}

function settle(parts: CacheParts, judged: Judged<'store'>, entry: StoredAnswer): void {
  const { flight, question, verdict, exchange } = judged
  const nowMs = parts.clock.monotonicMs()
  const isExpected = verdict.key === judged.key
  if (!isExpected) {
    parts.shapes.set(question.uri, verdict.shape, nowMs)
    if (judged.key !== null) parts.store.delete(judged.key)
  }
  parts.store.set(verdict.key, entry)
  shareEntry(parts, judged, { key: verdict.key, entry })
  parts.meter.set('ecluse_cache_bytes', {}, parts.store.bytes)
  parts.resting.delete(verdict.key)
  parts.usualTimes.record(exchange.routing.routeClass.name, nowMs - judged.begunAtMs)
  endFlight(parts, { key: verdict.key, flight: isExpected ? flight : null, entry })
  if (!isExpected) flight?.end({ kind: 'again' })
}
