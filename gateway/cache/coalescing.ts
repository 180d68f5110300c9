import type { Answer, Exchange } from '../exchange.ts'
import type { CacheParts, Fetch } from './cache-parts.ts'
import { recordHandling } from './cache-status.ts'
import { fetchAnswer } from './fetching.ts'
import { Flight, type Turn } from './flight.ts'
import { give, mayServeOnError } from './giving.ts'
import { answerFrom } from './reuse.ts'
import { alwaysPresent } from './shared-exchange.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** Share of the gate's slots that refreshes may fill; more would compete with people. */
const refreshRatio = 0.1
/** The priority that goes first when load is shed. */
const refreshPriority = 6

interface KeyedFetch extends Fetch {
  readonly key: string
}

/**
 * Makes one fetch of many: the first leads, the others wait for what it brings. `lookAgain` is
 * for those whose answer turned out to be kept under another key.
 */
export async function coalesce(
  parts: CacheParts,
  fetch: KeyedFetch,
  lookAgain: () => Promise<Answer>,
): Promise<Answer> {
  const { exchange, key } = fetch
  const flying = parts.flights.get(key)
  const flight = flying ?? openFlight(parts, key)
  const leave = flight.crowd.join(exchange.request.presence)
  const lead = (): Promise<Answer> => {
    flight.lead(parts.clock.monotonicMs())
    return fetchAnswer(parts, { ...fetch, flight })
  }
  if (!flying) return lead()
  const turn = await waitForTurn(parts, fetch, flight)
  // A leader stays in the crowd for as long as its client: its answer comes by the crowd's fetch.
  if (turn.kind === 'lead') return lead()
  leave()
  switch (turn.kind) {
    case 'stored':
      return shareWith(parts, fetch, turn.entry)
    case 'again':
      return lookAgain()
    case 'gone':
      return { status: 499, headers: [], body: null, outcome: { kind: 'abandoned' } }
    case 'failed':
    case 'late': {
      const stale = staleFor(parts, key)
      const nowMs = parts.clock.monotonicMs()
      return stale
        ? give(exchange, stale, { from: 'stale', nowMs })
        : fetchAnswer(parts, { ...fetch, stored: undefined })
    }
    case 'alone':
      return fetchAnswer(parts, fetch)
  }
}

/** Starts a fetch that nobody waits for, unless one runs or failed just now. */
export function refreshBehind(parts: CacheParts, fetch: Fetch): void {
  const { key, exchange } = fetch
  const nowMs = parts.clock.monotonicMs()
  if (key === null || parts.flights.has(key) || parts.resting.get(key, nowMs)) return
  const most = Math.max(1, Math.floor(exchange.policy.gate.maxInFlight * refreshRatio))
  const isOver = parts.refreshing.size >= most
  const labels = { class: exchange.routing.routeClass.name }
  const result = isOver ? 'left-out' : 'begun'
  parts.meter.count('ecluse_cache_refreshes_total', { ...labels, result })
  if (isOver) return
  const flight = openFlight(parts, key)
  parts.refreshing.add(key)
  flight.hold()
  flight.lead(nowMs)
  const unattended = unattendedExchange(parts, exchange)
  const rest = (): void => parts.resting.set(key, true, parts.clock.monotonicMs())
  fetchAnswer(parts, { ...fetch, exchange: unattended, flight }).then((answer) => {
    if (answer.outcome.kind !== 'served') rest()
    // Nobody reads it; the store goes on collecting.
    if (answer.body !== null && !(answer.body instanceof Uint8Array)) answer.body.cancel()
  }, rest)
}

function openFlight(parts: CacheParts, key: string): Flight {
  const flight = new Flight(() => {
    parts.flights.delete(key)
    parts.refreshing.delete(key)
  })
  parts.flights.set(key, flight)
  return flight
}

// One who waited long may relieve a slow leader, one at a time; the others go on waiting, so that
// an origin that grows slow is not met by everybody at once. It ends at their deadline.
async function waitForTurn(parts: CacheParts, fetch: KeyedFetch, flight: Flight): Promise<Turn> {
  const { exchange, key } = fetch
  const { name, deadlineMs } = exchange.routing.routeClass
  const { presence } = exchange.request
  for (;;) {
    const leftMs = exchange.startedAtMs + deadlineMs - parts.clock.monotonicMs()
    const patienceMs = parts.usualTimes.patienceMs(name, leftMs)
    const turn = await flight.wait({ presence, patienceMs, after: parts.after })
    if (turn.kind !== 'late') return turn
    const nowMs = parts.clock.monotonicMs()
    if (staleFor(parts, key) || nowMs >= exchange.startedAtMs + deadlineMs) return turn
    if (flight.relieve(nowMs, patienceMs)) return { kind: 'lead' }
  }
}

function staleFor(parts: CacheParts, key: string): StoredAnswer | undefined {
  const entry = parts.store.get(key)
  return entry && mayServeOnError(entry, parts.clock.monotonicMs()) ? entry : undefined
}

// Of a person's own pages each takes what their own session opens.
async function shareWith(
  parts: CacheParts,
  fetch: KeyedFetch,
  entry: StoredAnswer,
): Promise<Answer> {
  const theirs = fetch.question.ownScope === null ? entry : parts.store.get(fetch.key)
  return theirs ? share(parts, fetch, theirs) : fetchAnswer(parts, fetch)
}

function share({ clock }: CacheParts, fetch: KeyedFetch, entry: StoredAnswer): Answer {
  const { exchange } = fetch
  const why = fetch.stored ? 'stale' : 'uri-miss'
  recordHandling(exchange, { kind: 'forwarded', why, isCollapsed: true })
  const nowMs = clock.monotonicMs()
  return answerFrom(entry, { request: exchange.request, nowMs, from: 'coalesced' })
}

// Nobody waits for it: it costs its trigger nothing and is the first to be shed.
function unattendedExchange({ clock }: CacheParts, exchange: Exchange): Exchange {
  const { routing } = exchange
  const routeClass = { ...routing.routeClass, priority: refreshPriority, cost: 0 } as const
  return {
    ...exchange,
    routing: { ...routing, routeClass },
    request: { ...exchange.request, presence: alwaysPresent },
    startedAtMs: clock.monotonicMs(),
    wallAtMs: clock.wallMs(),
    admission: undefined,
    upstream: undefined,
    addedHeaders: [],
  }
}
