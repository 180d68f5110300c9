import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Asking, Portal, Reply } from '../crowd.ts'
import { EventQueue, type Timeline } from '../event-queue.ts'
import type { End, Seen } from './observed.ts'
import type { RealKind } from './requests.ts'
import type { Visitor } from './visitors-client.ts'

/**
 * The machine's own time: what is planned happens when it is due, and `nowMs` is when it was due,
 * so that a late client is found in the figures and does not thin out the load.
 */
export class RealTimeline implements Timeline {
  private readonly queue = new EventQueue()
  private readonly startedAtMs = performance.now()

  get nowMs(): number {
    return this.queue.nowMs
  }

  /** Time since it began, whatever is planned. */
  get elapsedMs(): number {
    return performance.now() - this.startedAtMs
  }

  after(delayMs: number, run: () => void): void {
    this.queue.after(delayMs, run)
  }

  /** Lets things happen for so long. */
  run(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const ticking = setInterval(() => {
        this.queue.runUntil(Math.min(durationMs, this.elapsedMs))
        if (this.queue.nowMs < durationMs) return
        clearInterval(ticking)
        resolve()
      }, 1)
    })
  }
}

/**
 * The crowd of the simulation over real sockets: each browser has connections of its own, so the
 * client never stands in line, and who leaves closes theirs.
 */
export class RealPortal implements Portal {
  readonly seen: Seen[] = []
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity, scheduling: 'lifo' })
  private readonly requests = new Map<Asking, { end(how: End): void; destroy(): void }>()
  private readonly facts: {
    readonly timeline: RealTimeline
    readonly visitors: readonly Visitor[]
    /** Where everybody goes; several edges take turns. */
    readonly ports: readonly number[]
  }
  private sent = 0

  constructor(facts: RealPortal['facts']) {
    this.facts = facts
  }

  ask(asking: Asking, reply: Reply): void {
    const { timeline } = this.facts
    const { askedAtMs, attempt } = asking
    const kind = asking.kind as RealKind
    const end = (how: End): void => {
      if (!this.requests.delete(asking)) return
      const tookMs = timeline.elapsedMs - askedAtMs
      this.seen.push({ kind, askedAtMs, attempt, tookMs, end: how })
    }
    const sending = this.send(kind, asking.user)
    this.requests.set(asking, { end, destroy: () => sending.destroy() })
    sending.once('error', () => {
      if (!this.requests.has(asking)) return
      end('failed')
      reply.refused(errorComeBackMs)
    })
    sending.once('response', (response) => {
      const how = endOf(response.statusCode ?? 0)
      response.resume().once('end', () => {
        if (!this.requests.has(asking)) return
        end(how)
        if (how === 'served') reply.answered()
        else reply.refused(comeBackMs(response))
      })
    })
  }

  leave(asking: Asking): void {
    const sent = this.requests.get(asking)
    sent?.end('left')
    sent?.destroy()
  }

  close(): void {
    for (const sent of this.requests.values()) {
      sent.end('left')
      sent.destroy()
    }
    this.agent.destroy()
  }

  private send(kind: RealKind, user: string): ClientRequest {
    const { visitors, ports } = this.facts
    const index = Number(user) % visitors.length
    const visitor = visitors[index] as Visitor
    const headers: Record<string, string> = {
      host: 'portail.example.fr',
      cookie: visitor.cookie,
      'x-forwarded-for': `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
      accept: 'application/json',
    }
    let body: string | undefined
    if (kind.method !== 'GET') {
      this.sent += 1
      body = JSON.stringify({ key: `w${this.sent}`, text: 'un devoir '.repeat(20) })
      headers['content-type'] = 'application/json'
      headers['content-length'] = String(body.length)
      headers['x-form-token'] = visitor.formToken
      headers['idempotency-key'] = `w${this.sent}`
    }
    const { agent } = this
    const where = { host: '127.0.0.1', port: ports[index % ports.length] as number }
    const sending = request({ ...where, agent, method: kind.method, path: kind.path, headers })
    sending.setNoDelay(true)
    sending.end(body)
    return sending
  }
}

/** After an error page people wait about so long before they try again. */
const errorComeBackMs = 1_000

function comeBackMs({ headers }: IncomingMessage): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return seconds > 0 ? seconds * 1_000 : errorComeBackMs
}

/** Turned away is said at once and on purpose; everything else that is no answer has failed. */
function endOf(status: number): End {
  if (status >= 200 && status < 400) return 'served'
  return status === 429 || status === 503 ? 'turned-away' : 'failed'
}
