import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LiveFeed } from '../../core/live-feed.ts'
import { type EdgeFeed, followEdge } from './edge-feed-client.ts'
import { LiveRows, rehearsalFigures } from './live-rows.ts'
import type { RehearsalProgress } from './rehearsal-process.ts'

/** The page that shows a rehearsal while it runs, both arms side by side. */
export interface LivePage {
  readonly url: string
  /** One second of one arm. */
  show(progress: RehearsalProgress): void
  /** The edge of the arm has come up, there. */
  edgeIsAt(operationsUrl: string): void
  /** The last word; the page keeps it when the server is gone. */
  finish(end: { readonly verdict: string; readonly folder: string }): void
  close(): Promise<void>
}

/** Serves the built live page and its feed (docs/live-feed.md) on a free loopback port. */
export async function openLivePage(): Promise<LivePage> {
  const page = readFileSync(new URL('../../dashboards/live/live.html', import.meta.url))
  const feed = new LiveFeed({
    kind: 'rehearsal',
    figures: rehearsalFigures,
    arms: ['direct', 'edge'],
  })
  const rows = new LiveRows()
  let edge: EdgeFeed | undefined
  let last: object = {}
  const server = createServer((request, response) => answer(request, response, { page, feed }))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/live`,
    show: ({ arm, snapshot, clock, backlog }) => {
      const figures = arm === 'edge' ? (edge?.figures() ?? {}) : {}
      feed.row(arm, Date.now(), rows.after(arm, snapshot, { backlog, edge: figures }))
      const { phase, atMs, endMs } = snapshot
      const elapsedMs = Math.max(0, atMs)
      last = { arm, phase, clock, elapsedMs, totalMs: endMs, verdict: null, folder: null }
      feed.put(last)
    },
    edgeIsAt: (operationsUrl) => {
      edge?.close()
      edge = followEdge(operationsUrl)
    },
    finish: (end) => feed.put({ ...last, ...end }),
    close: async () => {
      edge?.close()
      feed.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { page, feed }: { readonly page: Uint8Array; readonly feed: LiveFeed },
): void {
  request.resume()
  // A page of another site that resolves its name to loopback must not read this.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) {
    response.writeHead(421).end()
  } else if (request.url === '/live/feed') watch(feed, response)
  else if (request.url === '/live' || request.url === '/') {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-frame-options': 'DENY',
    })
    response.end(page)
  } else response.writeHead(404).end()
}

function watch(feed: LiveFeed, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  const viewer = {
    write: (text: string) => void response.write(text),
    unsentBytes: () => response.writableLength,
    // What was written last, the verdict perhaps, still goes out.
    end: () => void response.end(),
  }
  response.once('close', () => feed.leave(viewer))
  if (!feed.join(viewer, { name: null, may: 'view' })) response.end()
}
