import type { Clock } from '../../core/clock.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { Stages } from '../pipeline.ts'
import type { WaitingRoomRules } from '../policy/policy.ts'
import { retryAfter, turnAway } from '../turned-away.ts'
import {
  admissionCookie,
  admissionCookieLine,
  admissionSeconds,
  readAdmission,
} from './admission-token.ts'
import type { GateLoad } from './admission-pace.ts'
import { cookieLine, cookieValue } from './cookies.ts'
import { placeCookie, placeCookieLine, readTicket } from './place-ticket.ts'
import { type Entry, Room } from './room.ts'
import type { SigningPort } from './signed-token.ts'
import { waitingPage } from './waiting-page.ts'

/** Shorter than it takes those let in to load their first page. */
const tickEveryMs = 250

export interface WaitingRoomDependencies {
  readonly clock: Clock
  readonly meter: GatewayMeter
  readonly keys: SigningPort
  /** Until the first request brings the policy in force. */
  readonly rules: WaitingRoomRules
  /** How busy the pools behind the gate are. */
  gateLoads(): readonly GateLoad[]
  /** So many bytes of unguessable randomness in base64url. */
  unguessable(bytes: number): string
}

interface WaitingRoomParts {
  readonly stage: Stages['waitingRoom']
  /** What the stage does by itself four times a second. */
  readonly tick: () => void
  readonly close: () => void
}

/** The door for new sessions. People inside are counted here, and never asked. */
export function buildWaitingRoomStage(deps: WaitingRoomDependencies): WaitingRoomParts {
  const { clock, meter, keys } = deps
  let rules = deps.rules
  const room = new Room(rules)
  const epoch = deps.unguessable(9)
  const tick = (): void => {
    room.tick(deps.gateLoads(), rules, clock.monotonicMs())
    const { active, waiting } = room.figures()
    meter.set('ecluse_inside_sessions', {}, active)
    meter.set('ecluse_waiting_people', {}, waiting)
  }
  const ticking = setInterval(tick, tickEveryMs).unref()

  const stage = (exchange: Exchange): Answer | undefined => {
    rules = exchange.policy.waitingRoom
    if (exchange.identity.isInside) {
      recogniseInside(exchange, { room, keys, nowMs: clock.monotonicMs() })
      return undefined
    }
    const isOff = exchange.policy.stages['waiting-room'] === 'off'
    if (isOff || !exchange.routing.routeClass.isEntry) return undefined
    const ticketText = cookieValue(exchange.request.headers['cookie'], placeCookie)
    const ticket = ticketText === null ? null : readTicket(ticketText, epoch, keys)
    const entry = room.enter(ticket, deps.unguessable(16), clock.monotonicMs())
    switch (entry.kind) {
      case 'admitted':
        exchange.addedHeaders.push(
          'set-cookie',
          admissionCookieLine(entry.admission, exchange.wallAtMs, keys),
        )
        if (ticketText !== null) {
          exchange.addedHeaders.push('set-cookie', cookieLine(placeCookie, '', 0))
        }
        return undefined
      case 'waiting':
        if (entry.place !== null && entry.place.seq !== ticket?.seq) {
          const line = placeCookieLine({ ...entry.place, epoch }, keys)
          exchange.addedHeaders.push('set-cookie', line)
        }
        return askToWait(exchange, entry)
    }
  }
  return { stage, tick, close: () => clearInterval(ticking) }
}

/** Counts a person inside; an admission not followed by a binding is renewed while they act. */
function recogniseInside(
  exchange: Exchange,
  { room, keys, nowMs }: { room: Room; keys: SigningPort; nowMs: number },
): void {
  const { sessionKey, principal } = exchange.identity
  if (sessionKey === null) return
  if (principal !== null && room.isActive(sessionKey)) {
    room.seen(sessionKey, null, nowMs)
    return
  }
  const text = cookieValue(exchange.request.headers['cookie'], admissionCookie)
  const admission = text === null ? null : readAdmission(text, exchange.wallAtMs, keys)
  room.seen(sessionKey, admission?.id ?? null, nowMs)
  if (admission === null || principal !== null) return
  const leftMs = admission.expiresAtMs - exchange.wallAtMs
  if (leftMs > (admissionSeconds * 1_000) / 2) return
  const line = admissionCookieLine(admission.id, exchange.wallAtMs, keys)
  exchange.addedHeaders.push('set-cookie', line)
}

/** `t` is when to ask again, the pace of the page itself; `estimate` is the wait as measured. */
function askToWait(exchange: Exchange, entry: Extract<Entry, { kind: 'waiting' }>): Answer {
  const { ahead } = entry
  const estimateSeconds = Math.ceil(entry.estimateMs / 1_000)
  const baseSeconds = entry.pollMs / 1_000
  const pollSeconds = retryAfter(baseSeconds, exchange.jitter)
  return turnAway(exchange, 'waiting-room', {
    retryAfterSeconds: baseSeconds,
    headers: ['ecluse-wait', `${ahead};t=${pollSeconds};estimate=${estimateSeconds}`],
    html: waitingPage({ ahead, estimateSeconds, pollSeconds }),
  })
}
