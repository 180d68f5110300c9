import type { RandomStream } from '../../core/random.ts'
import type { WireStep } from './wire.ts'

const hot = ['/f/small.css', '/f/page.css', '/f/page.css?v=1', '/f/big.css', '/f/huge.css']
const cold = ['/private/1', '/door/login', '/inside/shell', '/f/vary.css', '/f/with-cookie.css']
const browser =
  'User-Agent: Mozilla/5.0\r\nAccept: */*\r\nAccept-Language: fr\r\nSec-Fetch-Dest: style\r\n'

/** Heads that change what an answer must be, or that only look as if they did. */
const extras: readonly string[] = [
  'Cookie: PORTALSESSION=alice; consent=1\r\n',
  'Cookie: PORTALSESSION=bruno\r\n',
  'cookie: theme=dark\r\n',
  'Cookie: a=1\r\nCookie: PORTALSESSION=alice\r\n',
  'Accept-Encoding: gzip, deflate, br\r\n',
  'ACCEPT-ENCODING: gzip\r\n',
  'Accept-Encoding: gzip;q=0\r\n',
  'Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n',
  'If-None-Match: "v1"\r\n',
  'If-None-Match: "other"\r\n',
  'If-Modified-Since: Mon, 16 Mar 2020 08:00:00 GMT\r\n',
  'Range: bytes=0-9\r\n',
  'Cache-Control: no-cache\r\n',
  'Cache-Control: only-if-cached\r\n',
  'Pragma: no-cache\r\n',
  'Authorization: Basic YTpi\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 4\r\n\r\nbody',
  'Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n',
  'Connection: keep-alive, X-Odd\r\nX-Odd: 1\r\n',
  'Connection: keep-alive, Accept-Encoding\r\n',
  'X-Unheard-Of: 1\r\n',
  'Ecluse-Deadline-Ms: 1\r\n',
  'X-Forwarded-For: 10.0.0.1\r\n',
  'X-Long: ' + 'x'.repeat(4_000) + '\r\n',
  'X-Many: 1\r\n'.repeat(60),
  'X-Latin: \u00e9t\u00e9\r\n',
  'Host: b\r\n',
]

/**
 * One connection's worth of requests, most of them odd, ended by one that closes it or, in a tenth
 * if some `leaves`, by a client that does not wait for its answers.
 */
export function oddConnection(
  random: RandomStream,
  { leaves }: { readonly leaves: boolean },
): WireStep[] {
  const steps: WireStep[] = []
  const count = 1 + Math.floor(random.next() * 20)
  let sent = 0
  // One who does not read cannot wait for answers either.
  const isSlow = random.next() < 0.15
  if (isSlow) steps.push({ kind: 'pause' })
  while (sent < count) {
    if (!isSlow && random.next() < 0.05) {
      sent += 1
      const write = { kind: 'write', text: aloneRequest(random) } as const
      steps.push({ kind: 'answers', count: sent - 1 }, write, { kind: 'answers', count: sent })
    }
    // Whatever is sent after it could cost the client the end of the answer before.
    if (!isSlow && random.next() < 0.02) {
      const write = { kind: 'write', text: lastRequest(random) } as const
      return [...steps, { kind: 'answers', count: sent }, write]
    }
    const batch = random.next() < 0.4 ? 1 + Math.floor(random.next() * 6) : 1
    let text = ''
    for (let i = 0; i < batch; i += 1) text += oddRequest(random)
    sent += batch
    steps.push(...pieces(text, random))
    if (!isSlow && random.next() < 0.6) steps.push({ kind: 'answers', count: sent })
  }
  if (random.next() < 0.1 && leaves) steps.push({ kind: 'abort' })
  else steps.push({ kind: 'write', text: request('/f/small.css', 'Connection: close\r\n') })
  return [...steps, { kind: 'resume' }]
}

/** Asks for everything hot, twice by each kind of asker, so that it is stored and known. */
export function warmUp(): WireStep[] {
  const askers = ['', ...extras.slice(0, 3)].flatMap((cookie) => [
    cookie,
    `${cookie}${extras[4]}`,
    `${cookie}${extras[5]}`,
  ])
  const texts = askers.flatMap((lines) => hot.map((target) => request(target, lines)))
  const steps = [...texts, ...texts].flatMap((text, i): WireStep[] => [
    { kind: 'write', text },
    { kind: 'answers', count: i + 1 },
  ])
  return [...steps, { kind: 'write', text: request('/f/small.css', 'Connection: close\r\n') }]
}

function oddRequest(random: RandomStream): string {
  const target = pick(random, random.next() < 0.8 ? hot : cold)
  const draw = random.next()
  if (draw < 0.45)
    return request(target, random.next() < 0.5 ? pick(random, extras.slice(0, 7)) : '')
  if (draw < 0.75) return request(target, pick(random, extras))
  if (draw < 0.8) return request(target, '').replace('GET', 'HEAD')
  if (draw < 0.87)
    return request(target, 'Connection: keep-alive\r\n').replace('HTTP/1.1', 'HTTP/1.0')
  if (draw < 0.93) return request(target, '').replace('GET', 'OPTIONS')
  if (draw < 0.95) return request(`http://a${target}`, '')
  if (draw < 0.97) return `\r\n${request(target, '')}`
  return request(`${target}${pick(random, ['/../x', '?v=1&v=2', '%2f', '#f', ';p=1'])}`, '')
}

/**
 * What Node answers before it looks at answers still on their way, and what changes what is stored:
 * where it falls between others would be a matter of time.
 */
function aloneRequest(random: RandomStream): string {
  const target = pick(random, hot)
  return pick(random, [
    request(target, 'Content-Length: 2\r\n\r\nhi').replace('GET', 'POST'),
    request(target, '').replace('GET', 'PURGE'),
    request(target, 'X-HTTP-Method-Override: DELETE\r\n'),
    request(target, 'Expect: 100-continue\r\n'),
    // Node does not read on after it, within what came with it.
    request(target, 'Upgrade: websocket\r\nConnection: Upgrade\r\n'),
  ])
}

/** What the server ends the connection after. */
function lastRequest(random: RandomStream): string {
  const target = pick(random, hot)
  return pick(random, [
    request(target, '').replace('HTTP/1.1', 'HTTP/1.0'),
    request(target, 'Connection: close\r\n'),
    request(target, '').replace('Host: a\r\n', ''),
    request(target, '').replace('GET', 'get'),
    request(target, 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n'),
    request(target, 'Bad Name: 1\r\n'),
    request(target, `X-Endless: ${'x'.repeat(20_000)}\r\n`),
    request(target, '').replaceAll('\r\n', '\n'),
  ])
}

function request(target: string, lines: string): string {
  // Lines that bring a body of their own have ended the head already.
  const end = lines.includes('\r\n\r\n') ? (lines.endsWith('\r\n') ? '\r\n' : '') : '\r\n'
  return `GET ${target} HTTP/1.1\r\nHost: a\r\n${browser}${lines}${end}`
}

function pieces(text: string, random: RandomStream): WireStep[] {
  if (random.next() < 0.7) return [{ kind: 'write', text }]
  const at = Math.floor(random.next() * text.length)
  return [
    { kind: 'write', text: text.slice(0, at) },
    { kind: 'write', text: text.slice(at) },
  ]
}

function pick<T>(random: RandomStream, from: readonly T[]): T {
  return from[Math.floor(random.next() * from.length)] as T
}
