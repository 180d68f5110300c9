import type { MonotonicMs, WallMs } from '../core/clock.ts'
import type { Outcome } from './outcome.ts'
import type { Policy, RouteClass } from './policy/policy.ts'

/** Header lines as on the wire: name, value, name, value; order and repetitions kept. */
export type HeaderLines = readonly string[]

/** What the client sent. `body` is null when the request has none. */
export interface ClientRequest {
  readonly method: string
  /** The request target as received; what is forwarded keeps its bytes. */
  readonly target: string
  /** Lower-case names; repeated lines joined as Node does. For decisions. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** For forwarding. */
  readonly headerLines: HeaderLines
  readonly body: RequestBody | null
  readonly socketAddress: string
  readonly isSecure: boolean
  readonly presence: ClientPresence
}

/** The bytes of a request as they arrive; read once, by one stage. */
export type RequestBody = AsyncIterable<Uint8Array>

/** Whether somebody still waits for the answer. A listener added after they left runs at once. */
export interface ClientPresence {
  readonly isGone: boolean
  onGone(listener: () => void): void
}

/**
 * The facts of one request. Each group is written by one stage and read by the later ones; nobody
 * rewrites another's.
 */
export interface Exchange {
  readonly request: ClientRequest
  readonly startedAtMs: MonotonicMs
  readonly wallAtMs: WallMs
  /** The policy in force when the request came; a swap does not change a request half-way. */
  readonly policy: Policy
  /** One draw from [0, 1), so that what needs chance stays a function of the exchange. */
  readonly jitter: number
  /** People arrive at the front door; absorbed writes come back through the internal port. */
  readonly origin: 'client' | 'apply'
  routing: RoutingFacts
  identity: IdentityFacts
  cache: CacheFacts | undefined
  /** Absent until quotas were asked about. */
  rateLimit?: RateLimitFacts
  admission: AdmissionFacts | undefined
  upstream: UpstreamFacts | undefined
  /** Lines the stages add to whatever answer is given: quota fields, the pass, cache status. */
  readonly addedHeaders: string[]
}

export interface RoutingFacts {
  readonly routeClass: RouteClass
  /** Path without query, as matched; equal to the received one, or the class is the default. */
  readonly path: string
  readonly query: string
}

export interface IdentityFacts {
  readonly clientAddress: string
  /** Keyed hash of the session cookie, or null without one. */
  readonly sessionKey: string | null
  readonly principal: Principal | null
  /** May the person go on without the waiting room: a valid pass says so. */
  readonly isInside: boolean
}

/** Who the session belongs to, as the origin said it. */
export interface Principal {
  readonly user: string
  readonly school: string | null
  readonly role: string | null
  readonly groups: readonly string[]
}

export interface CacheFacts {
  /** `hit`, `fwd=miss` and so on, the parameters of our Cache-Status member (RFC 9211). */
  readonly status: string
  /** Set where everybody who asks the same in the same coding would be given this answer now. */
  readonly repeatable?: RepeatableAnswer
}

/** A fresh stored answer that is for everybody. */
export interface RepeatableAnswer {
  readonly body: Uint8Array
  readonly bornAtMs: MonotonicMs
  readonly freshUntilMs: MonotonicMs
  /** Does the store still hold it? Counts as a use. O(1). */
  isCurrent(): boolean
}

export interface RateLimitFacts {
  /** How long the volatile Redis took to say. */
  readonly redisMs: number
}

export interface AdmissionFacts {
  readonly queuedMs: number
}

export interface UpstreamFacts {
  readonly status: number | null
  readonly originMs: number
}

/** What goes back to the client. */
export interface Answer {
  readonly status: number
  readonly headers: HeaderLines
  readonly body: AnswerBody
  readonly outcome: Outcome
}

export type AnswerBody = Uint8Array | BodySource | null

/**
 * A body on its way. Exactly one sink takes it, by `start`, or it is dropped by `cancel`.
 * The source stops reading from the origin while the sink is full.
 */
export interface BodySource {
  start(sink: BodySink): void
  cancel(): void
}

export interface BodySink {
  /** False asks the source to wait for `flow.resume`. */
  write(chunk: Uint8Array): boolean
  end(): void
  /** The body broke after its first byte; whoever reads must not take it for whole. */
  fail(error: Error): void
  /** Called once, before the first write, with the handle that a full sink resumes. */
  flow(handle: { resume(): void; cancel(): void }): void
}

/**
 * What follows a stage in the pipeline. The cache sends on an exchange of its own making, so that
 * one client's conditions and departure do not reach a fetch that others share.
 */
export type Next = (exchange: Exchange) => Promise<Answer>
