import type { IncomingMessage, ServerResponse } from 'node:http'
import { randomStream } from '../../core/random.ts'
import { openTestEdge, plainPolicy, routeClass, type TestEdge } from './edge.ts'
import { playWire, type WireStep, type WireTalk } from './wire.ts'
import type { Policy } from '../../gateway/policy/policy.ts'
import { oddConnection, warmUp } from './odd-requests.ts'

const cache = {
  audience: 'public',
  freshSeconds: 3_600,
  staleWhileRevalidateSeconds: 0,
  staleIfErrorSeconds: 0,
  ignoreQuery: [],
} as const

/** Every stage that could have a say is on; quotas are off, because their fields count down. */
export const differentialPolicy: Partial<Policy> = {
  stages: {
    ...plainPolicy.stages,
    cache: 'enforce',
    coalescing: 'enforce',
    'waiting-room': 'enforce',
  },
  classes: [
    routeClass('files', { match: { methods: ['GET', 'HEAD'], path: '/f/**' }, cache }),
    routeClass('door', { match: { methods: ['GET'], path: '/door/*' }, isEntry: true, cache }),
    routeClass('shell', { match: { methods: ['GET'], path: '/inside/*' }, isInside: true, cache }),
  ],
}

const bytesOf: Readonly<Record<string, number>> = {
  '/f/small.css': 20,
  '/f/page.css': 2_000,
  '/f/big.css': 200_000,
  '/f/huge.css': 300_000,
}

/** A portal whose answers never differ from one another, not even in their date. */
export function steadyPortal(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const body = 'x'.repeat(bytesOf[path] ?? 30)
  const isPrivate = path.startsWith('/private')
  response.writeHead(200, {
    'Content-Type': 'text/css',
    'Content-Length': body.length,
    Date: new Date(startedAtMs).toUTCString(),
    'Cache-Control': isPrivate ? 'private, no-store' : 'public, max-age=3600',
    ETag: '"v1"',
    ...(path.includes('vary') ? { Vary: 'Accept-Language' } : {}),
    ...(path.includes('with-cookie') ? { 'Set-Cookie': 'a=b' } : {}),
  })
  const end = (): void => void response.end(request.method === 'HEAD' ? undefined : body)
  if (path !== '/private/slow') return end()
  slow.asked += 1
  setTimeout(end, 300)
}

/** How often the slow page was asked for. */
export const slow = { asked: 0 }

const startedAtMs = Date.now()

/** Two edges that differ in nothing but the lane. */
export interface Pair {
  readonly withLane: TestEdge
  readonly without: TestEdge
  /** What differs when both are played the same, in words; undefined when nothing does. */
  compare(steps: readonly WireStep[]): Promise<string | undefined>
  close(): Promise<void>
}

export async function openPair(): Promise<Pair> {
  const open = (maxBytes: number): Promise<TestEdge> =>
    openTestEdge({
      answer: steadyPortal,
      policy: differentialPolicy,
      settings: { 'hotLane.maxBytes': maxBytes, 'drain.seconds': 5 },
    })
  const [withLane, without] = await Promise.all([open(64 * 1024 ** 2), open(0)])
  return {
    withLane,
    without,
    compare: async (steps) => {
      const talks = await Promise.all([withLane, without].map(({ url }) => playWire(url, steps)))
      return difference(talks[0] as WireTalk, talks[1] as WireTalk)
    },
    close: async () => {
      await Promise.all([withLane.closeAll(), without.closeAll()])
    },
  }
}

/** Plays so many requests, about, in odd connections; gives the first difference with its seed. */
export async function playOdd(
  pair: Pair,
  connections: number,
  { seed, leaves = true }: { readonly seed: string; readonly leaves?: boolean },
): Promise<string | undefined> {
  const warm = await pair.compare(warmUp())
  if (warm !== undefined) return `while warming up: ${warm}`
  for (let i = 0; i < connections; i += 1) {
    const found = await pair.compare(oddConnection(randomStream(seed, i), { leaves }))
    if (found !== undefined) return `connection ${i} of seed "${seed}": ${found}`
  }
  return undefined
}

/** The first place where two talks differ, beyond what must: seconds that pass, and chance. */
export function difference(one: WireTalk, other: WireTalk): string | undefined {
  const [a, b] = [masked(one.received), masked(other.received)]
  if (a === b) return undefined
  // Whoever leaves has received more or less of the same.
  if (one.isAborted && (a.startsWith(b) || b.startsWith(a))) return undefined
  let at = 0
  while (a[at] === b[at]) at += 1
  const around = (text: string): string =>
    JSON.stringify(text.slice(Math.max(0, at - 300), at + 60))
  return `at byte ${at} of ${a.length} and ${b.length}:\n  ${around(a)}\n  ${around(b)}`
}

function masked(text: string): string {
  return text
    .replaceAll(/^(Age: )\d+/gm, '$1N')
    .replaceAll(/(; ttl=)\d+/g, '$1N')
    .replaceAll(/^(Date: ).*/gm, '$1N')
    .replaceAll(/^(set-cookie: __Host-ecluse-[a-z]+=)[^;]*/gim, '$1N')
    .replaceAll(/^(retry-after: )\d+/gim, '$1N')
}
