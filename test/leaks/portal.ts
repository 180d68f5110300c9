import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, brotliCompressSync, gzipSync } from 'node:zlib'
import type { RandomStream } from '../../core/random.ts'
import { canary, type Identity } from './canaries.ts'
import { type Page, pageOf } from './page.ts'
import { drawnIdentity } from './people.ts'
import { ownAnswer, sharedAnswer, type Written } from './portal-answers.ts'
import { currentIdentity, newSession, type Session } from './session.ts'

/** The model portal of this test: it knows whose every byte is, and says so in every answer. */
export class TruthfulPortal {
  readonly #random: RandomStream
  readonly #sessions = new Map<string, Session>()
  readonly #versions = new Map<string, number>()
  #lastSession = 0

  constructor(random: RandomStream) {
    this.#random = random
  }

  /** The session of this cookie value, also one that has ended. */
  session(value: string): Session | undefined {
    return this.#sessions.get(value)
  }

  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume()
    response.on('error', () => undefined)
    const draw = this.#random.next()
    // Now and then later than a class's deadline.
    const delayMs = draw < 0.0005 ? 700 : draw < 0.5 ? 0 : draw < 0.9 ? draw * 8 : draw * 40
    const act = (): void => this.#write(request, response)
    if (delayMs === 0) act()
    else setTimeout(act, delayMs)
  }

  #write(request: IncomingMessage, response: ServerResponse): void {
    // An origin that honours such fields is common; that they come from a stranger is the edge's to know.
    const target = String(request.headers['x-original-url'] ?? request.url)
    const page = pageOf(target)
    const method = String(request.headers['x-http-method-override'] ?? request.method)
    const session = this.#sessionOf(request)
    const change = page.at.startsWith('/auth/') ? this.#change(page, request, session) : null
    if (change) return this.#send(request, response, change)
    const person = session ? currentIdentity(session) : null
    const asked = { page, person, headers: request.headers, random: this.#random }
    if (method !== 'GET' && method !== 'HEAD') {
      this.#versions.set(page.at, this.#version(page) + 1)
      return this.#send(request, response, ownAnswer({ ...asked, version: 0, status: 200 }))
    }
    if (this.#random.next() < 0.005) this.#versions.set(page.at, this.#version(page) + 1)
    this.#send(request, response, sharedAnswer({ ...asked, version: this.#version(page) }))
  }

  #version(page: Page): number {
    return this.#versions.get(page.at) ?? 0
  }

  #sessionOf(request: IncomingMessage): Session | undefined {
    const cookie = /(?:^|;)\s*PORTALSESSION=([^;]*)/.exec(request.headers.cookie ?? '')
    return this.#sessions.get(cookie?.[1] ?? '')
  }

  // Login, change of school and role, change of hands, logout: each says so to the edge.
  #change(page: Page, request: IncomingMessage, session: Session | undefined): Written | null {
    const user = String(request.headers['x-user'] ?? '')
    if (page.at === '/auth/login') {
      this.#lastSession += 1
      const value = `session-${this.#lastSession}-of-${user}`
      const identity = drawnIdentity(user, this.#random)
      this.#sessions.set(value, newSession(value, identity))
      const cookie = `PORTALSESSION=${value}; Path=/; HttpOnly`
      return said(identity, ['Set-Cookie', cookie, 'Ecluse-Identity', identityField(identity)])
    }
    if (!session) return null
    if (page.at === '/auth/logout') {
      session.history.push(null)
      return said(null, ['Ecluse-Identity', '?0', 'Set-Cookie', 'PORTALSESSION=; Max-Age=0'])
    }
    const identity = drawnIdentity(user, this.#random)
    session.history.push(identity)
    return said(identity, ['Ecluse-Identity', identityField(identity)])
  }

  #send(request: IncomingMessage, response: ServerResponse, written: Written): void {
    if (this.#random.next() < 0.02) response.writeEarlyHints({ link: '</assets/0>; rel=preload' })
    const madeFor = canary('made-for', String(request.headers['x-ask'] ?? ''))
    const { body, coding } = encoded(`${written.text} ${madeFor}`, request, this.#random)
    const lines = [...written.lines, 'X-Made-For', madeFor]
    if (coding !== null) lines.push('Content-Encoding', coding)
    const hasBody = written.status === 200
    if (hasBody && this.#random.next() < 0.5) lines.push('Content-Length', String(body.byteLength))
    response.writeHead(written.status, lines)
    if (hasBody && this.#random.next() < 0.002) {
      response.write(body.subarray(0, body.byteLength / 2), () => response.destroy())
    } else response.end(hasBody ? body : undefined)
  }
}

function said(identity: Identity | null, lines: readonly string[]): Written {
  const text = identity === null ? 'nobody' : canary('user', identity.user)
  return { status: 200, lines: ['Cache-Control', 'no-store', ...lines], text }
}

function identityField({ user, school, role, groups }: Identity): string {
  const list = groups.map((name) => `"${name}"`).join(' ')
  return `user="${user}", school="${school}", role="${role}", groups=(${list})`
}

function encoded(
  text: string,
  request: IncomingMessage,
  random: RandomStream,
): { body: Buffer; coding: string | null } {
  const accepted = request.headers['accept-encoding'] ?? ''
  const draw = random.next()
  if (accepted.includes('br') && draw < 0.1) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 1 }
    return { body: brotliCompressSync(text, { params }), coding: 'br' }
  }
  if (accepted.includes('gzip') && draw < 0.3) {
    return { body: gzipSync(text, { level: 1 }), coding: 'gzip' }
  }
  return { body: Buffer.from(text), coding: null }
}
