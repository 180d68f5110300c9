import type { Answer, AnswerBody } from '../exchange.ts'
import {
  type CacheParts,
  decided,
  dropEntry,
  type Fetch,
  giveUpSharing,
  isUnsettled,
} from './cache-parts.ts'
import { recordHandling } from './cache-status.ts'
import { give, mayServeOnError } from './giving.ts'
import { keep, keepRenewed, renew, renewedEntry } from './keeping.ts'
import { tagsOf } from './purge-tags.ts'
import { sharedExchange } from './shared-exchange.ts'
import type { NotStoredReason } from './storability.ts'
import { forwardedLines } from './stored-answer.ts'
import { lookInTier } from './tier-look.ts'
import { judge, type JudgedFacts, judgeHead } from './verdict.ts'

/** Fetches an answer, keeps it if it may be kept, and tells those who wait for it. */
export async function fetchAnswer(parts: CacheParts, asked: Fetch): Promise<Answer> {
  const fetch = parts.tier === null ? asked : await lookInTier(parts, asked)
  if ('outcome' in fetch) return fetch
  const { exchange, flight, key } = fetch
  const begunAtMs = parts.clock.monotonicMs()
  const since = parts.tier?.position() ?? null
  const mark = parts.purges.ongoing.begin()
  const begun = { mark, begunAtMs, since }
  const presence = flight?.crowd ?? exchange.request.presence
  const sent = key === null ? exchange : sharedExchange({ ...fetch, presence })
  let answer: Answer
  try {
    answer = await fetch.forward(sent)
  } catch (error) {
    parts.purges.ongoing.end(mark)
    flight?.handOver()
    throw error
  }
  exchange.admission = sent.admission
  exchange.upstream = sent.upstream
  const verdict = judge(judgedFacts(parts, fetch, answer))
  if (verdict.kind === 'store') return keep(parts, { ...fetch, ...begun, answer, verdict })
  if (verdict.kind === 'renewed' || verdict.kind === 'refetch') readAway(answer.body)
  if (verdict.kind === 'renewed' && !isUnsettled(parts, fetch))
    return renew(parts, { ...fetch, ...begun, answer, verdict })
  parts.purges.ongoing.end(mark)
  switch (verdict.kind) {
    case 'failed':
      return fallBack(parts, fetch, answer)
    case 'own':
      flight?.handOver()
      return passOn(fetch, answer)
    case 'not-stored':
      decided(parts, fetch, verdict.reason)
      giveUpSharing(parts, fetch, verdict.reason)
      return passOn(fetch, answer, verdict.reason)
    case 'renewed':
      // Equal tags are about equal bytes only while the session is whose it was.
      return fetchAnswer(parts, { ...fetch, stored: undefined })
    case 'refetch':
      if (key !== null) dropEntry(parts, key)
      return fetchAnswer(parts, { ...fetch, stored: undefined })
  }
}

// A 304 has no bytes, yet whoever carries it holds a slot of the gate until its end was read.
function readAway(body: AnswerBody): void {
  if (body === null || body instanceof Uint8Array) return
  body.start({
    flow: (handle) => handle.resume(),
    write: () => true,
    end: () => undefined,
    fail: () => undefined,
  })
}

function judgedFacts(parts: CacheParts, fetch: Fetch, answer: Answer): JudgedFacts {
  const { stored } = fetch
  return {
    ...fetch,
    answer,
    isStoredGood: stored !== undefined && mayServeOnError(stored, parts.clock.monotonicMs()),
    entryMaxBytes: parts.entryMaxBytes,
    receivedAtMs: parts.clock.wallMs(),
    unit: parts.random.next(),
  }
}

/** Passes a HEAD on, and learns from its answer what has become of the stored one. */
export async function fetchHead(parts: CacheParts, fetch: Fetch): Promise<Answer> {
  const { exchange, question, stored, key } = fetch
  const { ongoing } = parts.purges
  const begunAtMs = parts.clock.monotonicMs()
  const mark = ongoing.begin()
  try {
    const answer = await fetch.forward(exchange)
    if (stored && key !== null && !question.isAuthorized) {
      const verdict = judgeHead(judgedFacts(parts, fetch, answer), stored)
      if (verdict.kind === 'refetch') dropEntry(parts, key)
      if (verdict.kind === 'renewed' && !isUnsettled(parts, fetch)) {
        const judged = { ...fetch, stored, answer, verdict, mark, begunAtMs, since: null }
        const entry = renewedEntry(parts, judged)
        if (!ongoing.isOutdated(mark, tagsOf(key, entry))) keepRenewed(parts, key, entry)
      }
    }
    return passOn(fetch, answer)
  } finally {
    ongoing.end(mark)
  }
}

function fallBack(parts: CacheParts, fetch: Fetch, answer: Answer): Answer {
  const { exchange, stored, flight, key } = fetch
  const nowMs = parts.clock.monotonicMs()
  if (!stored || key === null || !mayServeOnError(stored, nowMs)) {
    flight?.handOver()
    return passOn(fetch, answer)
  }
  if (answer.body !== null && !(answer.body instanceof Uint8Array)) answer.body.cancel()
  parts.resting.set(key, true, nowMs)
  flight?.end({ kind: 'failed' })
  return give(exchange, stored, { from: 'stale', nowMs })
}

function passOn({ exchange, stored }: Fetch, answer: Answer, notStored?: NotStoredReason): Answer {
  const why = stored ? 'stale' : 'uri-miss'
  const detail = notStored === undefined ? {} : { detail: notStored }
  recordHandling(exchange, { kind: 'forwarded', why, status: answer.status, ...detail })
  return { ...answer, headers: forwardedLines(answer.headers) }
}
