/**
 * One frozen, versioned document that every decision reads. It is checked whole and swapped whole;
 * `policy-reader-store.ts` holds its schema, `docs/configuration.md` its words.
 */
export interface Policy {
  readonly version: number
  readonly session: SessionRules
  readonly stages: Readonly<Record<StageSwitch, 'enforce' | 'off'>>
  readonly gate: GateRules
  readonly limits: LimitRules
  readonly waitingRoom: WaitingRoomRules
  /** The first class that matches wins; a request that none matches is `unknown`. */
  readonly classes: readonly RouteClass[]
  /** Names of classes that are closed for now: answered by an honest page, the rest untouched. */
  readonly closed: readonly string[]
  /** Passes every request on as it came: no protection, no closed class. Absent: it does not. */
  readonly isBypassed?: boolean
  /** Names of classes whose requests pass as they came, while the rest is protected. */
  readonly bypassed?: readonly string[]
}

/** Protections that the policy can switch off, in the order of the pipeline. */
export const stageSwitches = [
  'waiting-room',
  'cache',
  'coalescing',
  'rate-limit',
  'write-absorption',
  'admission',
] as const

export type StageSwitch = (typeof stageSwitches)[number]

export interface SessionRules {
  /** Name of the portal's own session cookie. */
  readonly cookie: string
  /** Where the address of the client is read; `socket` trusts nobody (RFC 7239 otherwise). */
  readonly trustedHops: number
  /** The portal gives every login a session cookie of a new value: what a value saw is one person's. */
  readonly changesAtLogin?: boolean
  /** How long a pass lasts without being renewed, in seconds. */
  readonly passSeconds: number
}

export interface GateRules {
  /** Requests the origin works on at once, at most. */
  readonly maxInFlight: number
  /** `adaptive` finds how many the origin can do, from `minInFlight` to `maxInFlight`. */
  readonly limit: 'adaptive' | 'fixed'
  readonly minInFlight: number
  /** Requests that may wait for a slot, over all priorities. */
  readonly maxQueued: number
  /** Share of the slots that absorbed writes may hold while people wait, 0 to 1. */
  readonly applyShareRatio: number
  /** What schools weigh when they share the slots; those not named weigh as their people do. */
  readonly schoolWeights: Readonly<Record<string, number>>
  /**
   * Slots and line of the classes that are `servedBy` the identity provider, apart from the
   * portal's: when it is slow, logins wait for each other and nobody inside waits for them. Absent:
   * everything shares the portal's.
   */
  readonly identityProvider?: { readonly maxInFlight: number; readonly maxQueued: number }
}

export interface Quota {
  readonly perMinute: number
  readonly burst: number
}

export interface LimitRules {
  /** Of one person; of a session nobody vouches for too, unless `device` says otherwise. */
  readonly account: Quota
  /** Of one session: of a person's phone, or of somebody nobody vouches for. */
  readonly device?: Quota
  readonly address: Quota
  /** Added to the address quota for each live session seen behind it. */
  readonly addressPerSession: Quota
  /** Of everybody of one school together, and what each live session of it adds. */
  readonly school?: { readonly base: Quota; readonly perSession: Quota }
  /** Attempts to log in to one account, whoever tries and from wherever. */
  readonly login?: Quota
  /** Servers of others that ask on behalf of many people from a few addresses. */
  readonly machines?: readonly MachineClient[]
}

/** A declared client: it has a quota of its own in the place of those for people. */
export interface MachineClient extends Quota {
  readonly name: string
  /** Single addresses or networks (`192.0.2.0/28`, `2001:db8::/64`). */
  readonly addresses: readonly string[]
}

export interface WaitingRoomRules {
  /**
   * New sessions enter while the gate's pressure is below this: the share of its slots that are
   * held, plus what somebody waits for, in slots. 1 is a full gate with an empty line.
   */
  readonly targetPressureRatio: number
  /** Slot-seconds that a login and the first page take from the gate. */
  readonly entrySlotSeconds: number
  /** Sessions that may be inside whatever the gate says. */
  readonly minInside: number
  readonly maxInside: number
  /** A session without a request for this long gives its place back, in seconds. */
  readonly idleSeconds: number
}

/** Whose capacity an answer of the origin takes. */
export const originServers = ['portal', 'identity-provider'] as const

export type OriginServer = (typeof originServers)[number]

/** 0 keeps people's work and safety; 6 goes first. */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5 | 6

export interface RouteClass {
  readonly name: string
  readonly match: RouteMatch
  readonly priority: Priority
  /** After this long nobody wants the answer any more. */
  readonly deadlineMs: number
  /** A new session begins here: the only kind of request the waiting room may hold back. */
  readonly isEntry: boolean
  /**
   * Asking for it changes something; absent, what its method says. A GET that deletes, logs in or
   * out is true, a POST that reads or that nobody's pages show is false.
   */
  readonly changesState?: boolean
  /** Only people who are in may have it, even from the cache. */
  readonly isInside: boolean
  /** Set in a policy in force, for a class that is bypassed: no protection is asked about it. */
  readonly isBypassed?: boolean
  /** Whose time the origin's answer takes, for the question where it hurts; absent: the portal's. */
  readonly servedBy?: OriginServer
  /** Somebody's password is tried here: `accountField` of the body names the account. */
  readonly login?: { readonly accountField: string }
  /** Absent: private, never stored. */
  readonly cache?: CacheRules
  /** Absent: never absorbed. */
  readonly write?: WriteRules
  /** Account quota units that one request costs; 0 is not counted. */
  readonly cost: number
}

export interface RouteMatch {
  readonly methods: readonly string[]
  /** Segments; `*` is any one segment, a last `**` is any rest. */
  readonly path: string
  /** Named query parameters that must have these values; others are ignored. */
  readonly query?: Readonly<Record<string, string>>
}

export type Audience = 'public' | 'role' | 'school' | 'group' | 'user'

export interface CacheRules {
  readonly audience: Audience
  readonly freshSeconds: number
  readonly staleWhileRevalidateSeconds: number
  readonly staleIfErrorSeconds: number
  /** Query parameters that do not change the answer, left out of the key. */
  readonly ignoreQuery: readonly string[]
  /** Content types that may be stored, `image/*` for a whole kind. Absent: any. */
  readonly contentTypes?: readonly string[]
  /**
   * Where neither the answer nor `freshSeconds` says how long: a tenth of the time since it last
   * changed, at most this (RFC 9111 §4.2.2). Absent: never guessed.
   */
  readonly heuristicMaxSeconds?: number
  /** Answers other than 200 are kept at most this long, public ones alone. Absent: never kept. */
  readonly otherStatusSeconds?: number
  /** A client's own Cache-Control decides (RFC 9111 §5.2.1). Absent: reloading does not help. */
  readonly mayReload?: boolean
}

/** The four things an absorbed class must say; see docs/writes.md. */
export interface WriteRules {
  readonly authority: 'on-behalf' | 'session'
  readonly outcome: 'dedupes' | 'read-back' | 'neither'
  /** Statuses by which the origin says "applied". */
  readonly success: readonly number[]
  readonly answer: 'receipt'
  /**
   * `surge`: the edge stores it and then tries it itself; only who would wait longer than
   * `answerWithinMs`, or would be turned away, gets a receipt. `always`: a receipt at once.
   */
  readonly when: 'never' | 'always' | 'surge'
  readonly answerWithinMs: number
  /** `last`: of several to the same address by the same person, only the last is applied. */
  readonly keeps: 'all' | 'last'
  /**
   * Applied later than this it would not count; then it is passed on rather than promised. Absent:
   * the origin goes by when it arrived at the edge.
   */
  readonly countsWithinSeconds?: number
  /** The least that must have happened before the receipt is given. */
  readonly durability: 'local-fsync' | 'queue-fsync'
  readonly maxBodyBytes: number
  /** When the oldest waiting write is older than this, the edge promises no more. */
  readonly backlogMaxSeconds: number
}

/** What a request is when no class says otherwise: private, not stored, not absorbed, not retried. */
export const unknownClass: RouteClass = Object.freeze({
  name: 'unknown',
  match: Object.freeze({ methods: Object.freeze([]), path: '/**' }),
  priority: 4,
  deadlineMs: 30_000,
  isEntry: false,
  isInside: false,
  cost: 1,
})

/** What a protection does with one request, a bypass of its class considered. */
export function stageState(
  { policy, routing }: { readonly policy: Policy; readonly routing: { routeClass: RouteClass } },
  stage: StageSwitch,
): Policy['stages'][StageSwitch] {
  return routing.routeClass.isBypassed === true ? 'off' : policy.stages[stage]
}

/** How long after its first byte a request may be answered, in ms. */
export function deadlineMsOf({
  policy,
  routing,
}: {
  readonly policy: Policy
  readonly routing: { routeClass: RouteClass }
}): number {
  // What no class matches passes as it came too.
  return policy.isBypassed === true ? bypassedDeadlineMs : routing.routeClass.deadlineMs
}

/** Nobody asks longer than this for anything; what is bypassed has no other deadline. */
const bypassedDeadlineMs = 600_000

/** The policy that decides: what is bypassed has no protection, and nothing of it is closed. */
export function effectivePolicy(policy: Policy): Policy {
  const isAll = policy.isBypassed === true
  const named = policy.bypassed ?? []
  if (!isAll && named.length === 0) return policy
  const classes = policy.classes.map((one) =>
    isAll || named.includes(one.name) ? bypassedClass(one) : one,
  )
  const isOpen = (name: string): boolean => !isAll && !named.includes(name)
  const closed = Object.freeze(policy.closed.filter(isOpen))
  const partly = { ...policy, classes: Object.freeze(classes), closed }
  if (!isAll) return Object.freeze(partly)
  const off = stageSwitches.map((stage) => [stage, 'off'] as const)
  const stages = Object.freeze(Object.fromEntries(off)) as Policy['stages']
  return Object.freeze({ ...partly, stages })
}

// Whether asking changes something stays said: what is stored of others must still be dropped.
function bypassedClass(one: RouteClass): RouteClass {
  const { cache: _, write: __, ...rest } = one
  const open = { isEntry: false, isInside: false, cost: 0, deadlineMs: bypassedDeadlineMs }
  return Object.freeze({ ...rest, ...open, isBypassed: true })
}
