import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Answer, errorAnswer } from './answers.ts'
import { type AssetTable, notFound } from './assets.ts'
import { type Body, receiveBody } from './body-route.ts'
import type { PhaseAccounts, RequestEnd } from './phase-accounts.ts'
import { type Portal, type Served, serveCall } from './portal.ts'
import { pathnameOf, type RouteTable } from './routes.ts'
import { fileWorkerMs } from './service-model.ts'

/** What the listener needs to serve the portal's public address. */
export interface PortalRoute {
  readonly portal: Portal
  readonly routes: RouteTable
  readonly assets: AssetTable
  readonly accounts: PhaseAccounts
  /** Told of failures that are the model's own, such as a full disk under the ledger. */
  readonly onTrouble: (error: unknown) => void
}

/** Answers every request of the portal and enters each one in the books exactly once. */
export function portalListener(route: PortalRoute): RequestListener {
  return (request, response) => {
    route.accounts.arrived()
    void exchange(route, request, response).then((end) => route.accounts.ended(end))
  }
}

async function exchange(
  route: PortalRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<RequestEnd> {
  const client = watch(response)
  let served: Served | undefined
  try {
    // A front server receives the whole body before it takes one of the portal's workers.
    const body = await receiveBody(request)
    if (body.kind === 'cut') return { kind: 'gone' }
    served =
      body.kind === 'too-large'
        ? { answer: errorAnswer(413, 'body-too-large'), nominalMs: 0 }
        : await route.portal.capacity.serve(client.hasLeft, () => serve(route, request, body))
  } catch (error) {
    route.onTrouble(error)
    served = { answer: errorAnswer(500, 'internal'), nominalMs: 0 }
  }
  if (served === undefined || client.hasLeft()) return { kind: 'gone' }
  if (served.isLost === true) {
    response.destroy()
    return { kind: 'gone' }
  }
  send(response, served.answer)
  await client.closed
  if (!response.writableFinished) return { kind: 'gone' }
  const { status, isUseful } = served.answer
  if (route.portal.wallMs() > deadlineAtMsOf(request)) return { kind: 'late', status }
  return { kind: 'delivered', status, usefulMs: isUseful ? served.nominalMs : 0 }
}

/** `close` comes once: after the answer was handed to the system, or when the client went away. */
function watch(response: ServerResponse) {
  let isClosed = false
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  response.once('close', () => {
    isClosed = true
    resolve()
  })
  return { closed, hasLeft: () => isClosed }
}

async function serve(route: PortalRoute, request: IncomingMessage, body: Body): Promise<Served> {
  const url = request.url ?? '/'
  const pathname = pathnameOf(url)
  const match = route.routes(request.method ?? 'GET', pathname)
  if (match.kind === 'service') {
    const query = url.slice(pathname.length)
    const credentials = credentialsOf(request)
    return serveCall(route.portal, { ...match, pathname, query, credentials, ...body })
  }
  await route.portal.capacity.compute(fileWorkerMs)
  if (match.kind === 'none') return { answer: notFound, nominalMs: 0 }
  const ifNoneMatch = request.headers['if-none-match']
  return { answer: route.assets({ ...match, ifNoneMatch }), nominalMs: 0 }
}

function credentialsOf(request: IncomingMessage) {
  return {
    sessionId: /(?:^|;\s*)PORTALSESSION=([^;\s]+)/.exec(request.headers.cookie ?? '')?.[1],
    formToken: single(request, 'x-form-token'),
    idempotencyKey: single(request, 'idempotency-key'),
    assertion: single(request, 'ecluse-assertion'),
  }
}

/** Wall time after which nobody wants the answer; never, when the request does not say. */
function deadlineAtMsOf(request: IncomingMessage): number {
  const deadline = Number(single(request, 'x-rehearsal-deadline') ?? Number.NaN)
  return Number.isFinite(deadline) ? deadline : Number.POSITIVE_INFINITY
}

function single(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

function send(response: ServerResponse, answer: Answer): void {
  const { status, headers, body } = answer
  const hasBody = status !== 204 && status !== 304
  const length = hasBody ? { 'content-length': body.length } : {}
  // A body that was too large is still arriving; the connection cannot be used again.
  const ending = status === 413 ? { connection: 'close' } : {}
  response.writeHead(status, { ...headers, ...length, ...ending })
  if (typeof body === 'string') response.end(body, 'latin1')
  else response.end(body)
}
