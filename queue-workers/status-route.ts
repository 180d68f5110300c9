import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DeadLetters } from './dead-letter-queue.ts'
import { metricsText } from './metrics.ts'
import type { QueueControl } from './queue-control-store.ts'
import type { WorkerFigures } from './stats.ts'

export interface StatusDependencies {
  readonly deadLetters: DeadLetters
  readonly control: QueueControl
  /** Asked for before anything about single writes is shown or changed. */
  readonly token: string
  /** The figures as they are now; rejects when Redis does not answer. */
  stats(): Promise<WorkerFigures>
}

export interface StatusServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * Figures, dead letters and what operators do to the queue, on loopback. All but `GET /stats` and
 * `GET /metrics` want the header `Ecluse-Internal`; what changes something is audited. Fails like `listen` when the port is taken.
 */
export async function openStatus(port: number, deps: StatusDependencies): Promise<StatusServer> {
  const server = createServer((request, response) => void answer(request, response, deps))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${taken}`, close: () => closed(server) }
}

const listedAtOnce = 1_000

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  deps: StatusDependencies,
): Promise<void> {
  request.resume()
  try {
    const { status, body } = await route(request, deps)
    const isText = typeof body === 'string'
    const type = isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json'
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
    response.end(isText ? body : `${JSON.stringify(body)}\n`)
  } catch {
    // Redis did not answer in time; the workers themselves wait for it.
    response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' })
    response.end('{"error":"redis-unavailable"}\n')
  }
}

async function route(
  request: IncomingMessage,
  deps: StatusDependencies,
): Promise<{ status: number; body: object | string }> {
  // A page of another site that resolves its name to loopback must not read this.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) {
    return { status: 421, body: { error: 'host' } }
  }
  const call = `${request.method} ${request.url}`
  if (call === 'GET /stats') return { status: 200, body: await deps.stats() }
  if (call === 'GET /metrics') return { status: 200, body: metricsText(await deps.stats()) }
  if (!isToken(request.headers['ecluse-internal'], deps.token)) {
    return { status: 401, body: { error: 'token' } }
  }
  const who = operatorOf(request)
  switch (call) {
    case 'GET /dead-letters':
      return { status: 200, body: await deps.deadLetters.list(listedAtOnce) }
    case 'GET /queue/audit':
      return { status: 200, body: await deps.control.audit(listedAtOnce) }
    case 'POST /queue/pause':
      await deps.control.pause(who)
      return { status: 200, body: { result: 'paused' } }
    case 'POST /queue/resume':
      await deps.control.resume(who)
      return { status: 200, body: { result: 'resumed' } }
  }
  const reason = /^POST \/dead-letters\/redrive\/([\w-]+)$/.exec(call)?.[1]
  if (reason !== undefined) return redriveAll(reason, who, deps)
  const id = /^POST \/dead-letters\/([\w-]+)\/redrive$/.exec(call)?.[1]
  if (id === undefined) return { status: 404, body: { error: 'no-such-resource' } }
  const result = await deps.deadLetters.redrive(id)
  if (result !== 'redriven') return { status: 404, body: { result } }
  await deps.control.note(`dead letter ${id} driven again`, who)
  return { status: 202, body: { result } }
}

/** The newest of one reason, as many as are listed; who asks again gets the next. */
async function redriveAll(
  reason: string,
  who: string,
  { deadLetters, control }: StatusDependencies,
): Promise<{ status: number; body: object }> {
  const listed = await deadLetters.list(listedAtOnce)
  let redriven = 0
  for (const letter of listed.filter((one) => one.reason === reason))
    if ((await deadLetters.redrive(letter.id)) === 'redriven') redriven += 1
  await control.note(`${redriven} dead letters ${reason} driven again`, who)
  return { status: 202, body: { redriven } }
}

/** What they call themselves; the token says that they may. */
function operatorOf({ headers }: IncomingMessage): string {
  const given = String(headers['ecluse-operator'] ?? '')
  try {
    return decodeURI(given).slice(0, 64) || 'unnamed'
  } catch {
    // No text that was ever encoded.
    return 'unnamed'
  }
}

function isToken(given: string | string[] | undefined, expected: string): boolean {
  const a = Buffer.from(String(given ?? ''))
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
