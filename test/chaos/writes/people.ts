import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import type { RandomStream } from '../../../core/random.ts'
import { keyOf } from './audit.ts'

/** Moments of a write that the sender sees, for placing faults. */
export type SenderPoint = 'received' | 'acknowledged'

export interface People {
  readonly acknowledged: ReadonlyMap<number, ReadonlySet<number>>
  /** Receipts by the level they state. */
  readonly levels: ReadonlyMap<string, number>
  /** Answers that were no receipt, by status; 0 is a connection that broke. */
  readonly others: ReadonlyMap<number, number>
  acknowledgedCount(): number
  at(point: SenderPoint, act: () => void): void
  /** Everybody finishes the write they are at. */
  stop(): Promise<void>
}

/**
 * `count` people, each with a session, who write one thing after the other as long as told: the next
 * is begun when the one before has its receipt. An answer that is none is asked for again under the
 * same key; after a broken connection one in twenty gives up on that write and goes on.
 */
export async function startPeople(facts: {
  readonly url: string
  readonly count: number
  readonly random: RandomStream
}): Promise<People> {
  const { url, count, random } = facts
  const pool = new Pool(url, { connections: Math.min(count, 128), allowH2: false })
  const sessions: string[] = []
  for (let first = 0; first < count; first += 50) {
    const some = Array.from({ length: Math.min(50, count - first) }, (_, at) => first + at)
    sessions.push(...(await Promise.all(some.map((person) => logIn(pool, person)))))
  }
  const acknowledged = new Map<number, Set<number>>()
  const levels = new Map<string, number>()
  const others = new Map<number, number>()
  const waiting: Record<SenderPoint, (() => void)[]> = { received: [], acknowledged: [] }
  let acknowledgedCount = 0
  const stopping = new AbortController()

  const live = async (person: number, cookie: string): Promise<void> => {
    const mine = new Set<number>()
    acknowledged.set(person, mine)
    for (let n = 1; !stopping.signal.aborted; n += 1) {
      for (;;) {
        const sending = send(pool, { key: keyOf(person, n), cookie })
        waiting.received.shift()?.()
        const { status, level } = await sending
        if (status === 202) {
          mine.add(n)
          acknowledgedCount += 1
          add(levels, level)
          waiting.acknowledged.shift()?.()
          break
        }
        add(others, status)
        if (stopping.signal.aborted || (status === 0 && random.next() < 0.05)) break
        await delay(50 + random.next() * 150)
      }
    }
  }
  const lives = sessions.map((cookie, person) => live(person, cookie))
  return {
    acknowledged,
    levels,
    others,
    acknowledgedCount: () => acknowledgedCount,
    at: (point, act) => void waiting[point].push(act),
    stop: async () => {
      stopping.abort()
      await Promise.all(lives)
      await pool.destroy()
    },
  }
}

const words = 'Ce que j’ai retenu de la leçon. '.repeat(8)

async function send(
  pool: Pool,
  { key, cookie }: { readonly key: string; readonly cookie: string },
): Promise<{ readonly status: number; readonly level: string }> {
  try {
    const { statusCode, body } = await pool.request({
      method: 'PUT',
      path: '/api/me/homework/h1/done',
      headers: { cookie, 'idempotency-key': key, 'content-type': 'text/plain', host: 'ent.test' },
      body: `${key} ${words}`,
      headersTimeout: 5_000,
      bodyTimeout: 5_000,
    })
    const text = await body.text()
    const level = statusCode === 202 ? (JSON.parse(text).receipt.durability as string) : ''
    return { status: statusCode, level }
  } catch {
    // The edge is gone or was killed under this request: nothing was promised.
    return { status: 0, level: '' }
  }
}

/** Logs in through the edge; the cookies of a person who may write. */
async function logIn(pool: Pool, person: number): Promise<string> {
  const form = `account=u${person}&school=s${person % 10}&class=c${person}&role=pupil&password=pw-u${person}`
  const asked = await pool.request({
    method: 'POST',
    path: '/auth/login',
    headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'ent.test' },
    body: form,
  })
  await asked.body.dump()
  const ticket = new URL(String(asked.headers['location']), 'http://ent.test')
  const returned = await pool.request({
    method: 'GET',
    path: ticket.pathname + ticket.search,
    headers: { host: 'ent.test' },
  })
  await returned.body.dump()
  const lines = [returned.headers['set-cookie'] ?? []].flat()
  return lines.map((line) => line.split(';')[0]).join('; ')
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
