import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { LiveFeed, Viewer } from '../../core/live-feed.ts'
import type { Authority } from './authority-route.ts'

/** The built page, one file; it carries its own content security policy. */
const page = readFileSync(new URL('../../dashboards/live/live.html', import.meta.url))

/** `GET /live` and `GET /live/feed`: the built-in page, and the event stream behind it. */
export function liveRoutes(
  app: FastifyInstance,
  deps: { readonly feed: LiveFeed; readonly authority: Authority },
): void {
  app.get('/', (_, reply) => reply.redirect('/live'))
  app.get('/live', (_, reply) =>
    reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .send(page),
  )
  app.get('/live/feed', (request, reply) => {
    reply.hijack()
    const operator = deps.authority.who(request)
    const you = { name: operator?.name ?? null, may: operator?.role ?? 'view' }
    watch(deps.feed, reply.raw, you)
  })
}

function watch(feed: LiveFeed, response: ServerResponse, you: object): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  const viewer: Viewer = {
    write: (text) => void response.write(text),
    unsentBytes: () => response.writableLength,
    end: () => response.destroy(),
  }
  response.once('close', () => feed.leave(viewer))
  if (!feed.join(viewer, you)) response.end('event: full\ndata: {}\n\n')
}
