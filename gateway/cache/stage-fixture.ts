import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import { silentMeter } from '../../core/metric-catalogue.ts'
import type { Answer, BodySink, BodySource, ClientPresence, Exchange } from '../exchange.ts'
import type { Audience, CacheRules, Policy, RouteClass } from '../policy/policy.ts'
import { unknownClass } from '../policy/policy.ts'
import type { CacheStore } from './cache-store.ts'
import { OwnPages } from './own-pages-store.ts'
import type { SharedTier } from './shared-tier.ts'
import { buildCacheStage } from './stage.ts'

/** What a test says about a request; the rest is ordinary. */
export interface Ask {
  readonly path?: string
  readonly query?: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly audience?: Audience | null
  readonly rules?: Partial<CacheRules>
  readonly school?: string | null
  readonly role?: string
  readonly groups?: readonly string[]
  readonly isVisitor?: true
  /** Key of the session; none unless given. */
  readonly session?: string
  /** The portal does not say that session cookies change at login. */
  readonly keepsSession?: true
  readonly changesState?: boolean
  readonly isInside?: true
  readonly off?: 'cache' | 'coalescing'
  readonly presence?: ClientPresence
}

const present: ClientPresence = { isGone: false, onGone: () => undefined }

/** A client that a test can make leave. */
export function leavingClient(): ClientPresence & { leave(): void } {
  const listeners: (() => void)[] = []
  return {
    isGone: false,
    onGone: (listener) => listeners.push(listener),
    leave: () => {
      for (const listener of listeners) listener()
    },
  }
}

function classFor(ask: Ask): RouteClass {
  const changing = ask.changesState === undefined ? {} : { changesState: ask.changesState }
  if (ask.audience === null) return unknownClass
  const cache: CacheRules = {
    audience: ask.audience ?? 'public',
    freshSeconds: 30,
    staleWhileRevalidateSeconds: 60,
    staleIfErrorSeconds: 3600,
    ignoreQuery: [],
    ...ask.rules,
  }
  return { ...unknownClass, name: 'news', isInside: ask.isInside ?? false, ...changing, cache }
}

/** An exchange as routing and identity leave it. */
export function exchangeFor(ask: Ask, atMs: number): Exchange {
  const headers = { host: 'ent.example', 'accept-encoding': 'gzip, br', ...ask.headers }
  const stages = {
    cache: ask.off === 'cache' ? 'off' : 'enforce',
    coalescing: ask.off === 'coalescing' ? 'off' : 'enforce',
  }
  const session = { cookie: 'PORTALSESSION', changesAtLogin: !ask.keepsSession }
  return {
    request: {
      method: ask.method ?? 'GET',
      target: ask.path ?? '/news',
      headers,
      headerLines: Object.entries(headers).flat(),
      body: null,
      socketAddress: '127.0.0.1',
      isSecure: true,
      presence: ask.presence ?? present,
    },
    startedAtMs: atMs as MonotonicMs,
    wallAtMs: atMs as WallMs,
    // Only these are read by the stage.
    policy: { stages, session, gate: { maxInFlight: 80 } } as unknown as Policy,
    jitter: 0.5,
    origin: 'client',
    routing: { routeClass: classFor(ask), path: ask.path ?? '/news', query: ask.query ?? '' },
    identity: {
      clientAddress: '127.0.0.1',
      sessionKey: ask.session ?? null,
      isInside: false,
      principal: ask.isVisitor
        ? null
        : {
            user: 'u1',
            school: ask.school === undefined ? 's1' : ask.school,
            role: ask.role ?? 'pupil',
            groups: ask.groups ?? [],
          },
    },
    cache: undefined,
    admission: undefined,
    upstream: undefined,
    addedHeaders: [],
  }
}

/** An answer of the origin. */
export function originAnswer(
  text: string,
  headers: Record<string, string> = {},
  status = 200,
): Answer {
  return {
    status,
    headers: Object.entries(headers).flat(),
    body: bodyOf(text),
    outcome: { kind: 'served', from: 'origin' },
  }
}

/** A body that comes at once, whole, or breaks after its bytes. */
export function bodyOf(text: string, ending: 'whole' | 'cut' = 'whole'): BodySource {
  return {
    start: (sink) => {
      sink.flow({ resume: () => undefined, cancel: () => undefined })
      sink.write(new TextEncoder().encode(text))
      if (ending === 'whole') sink.end()
      else sink.fail(new Error('the origin went away'))
    },
    cancel: () => undefined,
  }
}

/** A body whose bytes come when told, and that says whether it was cancelled. */
export function heldBody(): { source: BodySource; give(text: string): void; isCancelled: boolean } {
  const held = {
    isCancelled: false,
    sink: undefined as BodySink | undefined,
    give(text: string): void {
      held.sink?.write(new TextEncoder().encode(text))
      held.sink?.end()
    },
    source: {
      start(sink: BodySink): void {
        held.sink = sink
        sink.flow({ resume: () => undefined, cancel: () => held.source.cancel() })
      },
      cancel(): void {
        held.isCancelled = true
      },
    },
  }
  return held
}

/** What a client reads of an answer. */
export function read(answer: Answer): Promise<string> {
  const { body } = answer
  if (body === null) return Promise.resolve('')
  if (body instanceof Uint8Array) return Promise.resolve(new TextDecoder().decode(body))
  return new Promise((resolve, reject) => {
    let text = ''
    const sink: BodySink = {
      flow: () => undefined,
      write: (chunk) => {
        text += new TextDecoder().decode(chunk)
        return true
      },
      end: () => resolve(text),
      fail: reject,
    }
    body.start(sink)
  })
}

/** Lets everything that is ready run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}

/** An answer, what was read of it, and the facts left on its exchange. */
export interface Given {
  readonly answer: Answer
  readonly text: string
  readonly status: string
  readonly upstream: Exchange['upstream']
}

/** A stage whose clock, timers and origin a test moves by hand. */
export class StageBench {
  nowMs = 1_000_000
  /** Exchanges that went past the cache, in order. */
  readonly passed: Exchange[] = []
  respond: (exchange: Exchange) => Answer | Promise<Answer> = () => originAnswer('news')
  readonly pages = new OwnPages(100_000)
  readonly #timers = new Set<{ readonly atMs: number; act(): void }>()
  readonly #stage: ReturnType<typeof buildCacheStage>

  constructor(store: CacheStore, entryMaxBytes = 1000, tier?: SharedTier) {
    this.#stage = buildCacheStage({
      clock: {
        monotonicMs: () => this.nowMs as MonotonicMs,
        wallMs: () => (1_790_000_000_000 + this.nowMs) as WallMs,
      },
      store,
      ...(tier && { tier }),
      meter: silentMeter(),
      random: { next: () => 0.5 },
      entryMaxBytes,
      own: { pages: this.pages, session: ({ identity }) => identity.sessionKey },
      after: (delayMs, act) => {
        const timer = { atMs: this.nowMs + delayMs, act }
        this.#timers.add(timer)
        return () => this.#timers.delete(timer)
      },
    })
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  /** Asks; the answer's own facts and the exchange come back together. */
  async ask(ask: Ask = {}): Promise<Given> {
    const exchange = exchangeFor(ask, this.nowMs)
    const answer = await this.#stage(exchange, async (passed) => {
      this.passed.push(passed)
      return this.respond(passed)
    })
    const status = exchange.cache?.status ?? ''
    return { answer, text: await read(answer), status, upstream: exchange.upstream }
  }

  /** Moves the clock, running what falls due. */
  async advance(byMs: number): Promise<void> {
    this.nowMs += byMs
    for (const timer of this.#timers) {
      if (timer.atMs > this.nowMs) continue
      this.#timers.delete(timer)
      timer.act()
    }
    await settled()
  }
}

/** An origin that answers when told. */
export function heldAnswer(): { promise: Promise<Answer>; give(answer: Answer): void } {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  return { promise, give: resolve }
}
