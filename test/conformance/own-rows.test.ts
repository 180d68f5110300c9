import { type Test, test } from 'tap'
import { ask, talk } from '../support/client.ts'
import { openTestEdge, plainPolicy, routeClass } from '../support/edge.ts'

/** Rows of our own for what the public cache tests lack: raw bytes of an origin, and what follows. */
interface Row {
  readonly when: string
  /** Header lines of the first answer; its body is `one`. */
  readonly lines: readonly string[]
  /** Bytes before the final answer. */
  readonly interim?: string
  readonly expect: 'stored' | 'asked again'
  /** Fields that the second answer must not have. */
  readonly without?: readonly string[]
}

const year = 'max-age=31536000'
const rows: readonly Row[] = [
  {
    when: 'CDN-Cache-Control over a plain no-store, RFC 9213 §2.2',
    lines: ['Cache-Control: no-store', 'CDN-Cache-Control: max-age=60'],
    expect: 'stored',
  },
  {
    when: 'CDN-Cache-Control no-store over a plain year, RFC 9213 §2.2',
    lines: [`Cache-Control: ${year}`, 'CDN-Cache-Control: no-store'],
    expect: 'asked again',
  },
  {
    when: 'our own field over CDN-Cache-Control',
    lines: ['Ecluse-Cache-Control: max-age=60', 'CDN-Cache-Control: no-store'],
    expect: 'stored',
    without: ['ecluse-cache-control'],
  },
  {
    when: 'our own field is malformed: the next one counts whole, RFC 9213 §2.1',
    lines: ['Ecluse-Cache-Control: max-age=60 no-store', 'CDN-Cache-Control: max-age=60'],
    expect: 'stored',
  },
  {
    when: 'both are malformed: the plain field counts',
    lines: ['Ecluse-Cache-Control: ,', 'CDN-Cache-Control: Max-Age=60', 'Cache-Control: no-store'],
    expect: 'asked again',
  },
  {
    when: 'a targeted field ignores Expires, RFC 9213 §2.1',
    lines: ['CDN-Cache-Control: max-age=60', 'Expires: Thu, 01 Jan 1970 00:00:00 GMT'],
    expect: 'stored',
  },
  {
    when: 'a targeted field on two lines is one field, and the later word counts, RFC 9651 §3.2',
    lines: ['CDN-Cache-Control: max-age=0', 'CDN-Cache-Control: max-age=60'],
    expect: 'stored',
  },
  {
    when: 'interim answers are neither stored nor taken for the answer, RFC 9110 §15.2',
    lines: [`Cache-Control: ${year}`],
    interim: 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nCache-Control: no-store\r\n\r\n',
    expect: 'stored',
    without: ['link'],
  },
  {
    when: 'several interim answers',
    lines: [`Cache-Control: ${year}`],
    interim: 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(3),
    expect: 'stored',
  },
  {
    when: 'Vary: * anywhere in a list, on any line, RFC 9111 §4.1',
    lines: [`Cache-Control: ${year}`, 'Vary: Foo', 'Vary: Accept, *'],
    expect: 'asked again',
  },
  {
    when: 'fields that Connection names, RFC 9111 §3.1',
    lines: [`Cache-Control: ${year}`, 'Connection: X-Hop, ETag', 'X-Hop: 1', 'ETag: "1"'],
    expect: 'stored',
    without: ['x-hop', 'etag'],
  },
  {
    when: 'fields that a second Connection line names',
    lines: [`Cache-Control: ${year}`, 'Connection: close', 'Connection: x-hop', 'X-Hop: 1'],
    expect: 'stored',
    without: ['x-hop'],
  },
  {
    when: 'an Age that is no non-negative integer is ignored, RFC 9111 §5.1',
    lines: ['Cache-Control: max-age=60', 'Age: 7200.5'],
    expect: 'stored',
  },
  {
    when: 'a negative Age is ignored, RFC 9111 §5.1',
    lines: ['Cache-Control: max-age=60', 'Age: -7200'],
    expect: 'stored',
  },
  {
    when: 'the first Age of several counts: new, RFC 9111 §5.1',
    lines: ['Cache-Control: max-age=60', 'Age: 0', 'Age: 7200'],
    expect: 'stored',
  },
  {
    when: 'the first Age of several counts: old, RFC 9111 §5.1',
    lines: ['Cache-Control: max-age=60', 'Age: 7200', 'Age: 0'],
    expect: 'asked again',
  },
  {
    when: 'an Expires that is no date is in the past, RFC 9111 §5.3',
    lines: ['Expires: 0'],
    expect: 'asked again',
  },
  {
    when: 'two Expires lines are no date',
    lines: ['Expires: Thu, 31 Dec 2099 00:00:00 GMT', 'Expires: Thu, 31 Dec 2099 00:00:00 GMT'],
    expect: 'asked again',
  },
  {
    when: 'a cookie is never stored, whatever is said',
    lines: ['Ecluse-Cache-Control: max-age=60', 'Ecluse-Audience: public', 'Set-Cookie: a=b'],
    expect: 'asked again',
    without: ['ecluse-audience'],
  },
  {
    when: 'a page under the name of a file',
    lines: [`Cache-Control: ${year}`, 'Content-Type: text/html'],
    expect: 'asked again',
  },
]

const files = routeClass('files', {
  match: { methods: ['GET', 'HEAD'], path: '/**' },
  cache: {
    audience: 'public',
    freshSeconds: 60,
    staleWhileRevalidateSeconds: 0,
    staleIfErrorSeconds: 0,
    ignoreQuery: [],
  },
})

interface Rig {
  /** An address of its own, for which the origin will send these, one after the other. */
  urlFor(...bytes: readonly string[]): string
  /** How often the origin was asked for it. */
  asked(url: string): number
}

/** The edge before an origin whose bytes a test writes, closed when the test ends. */
async function openRig(t: Test): Promise<Rig> {
  const answers = new Map<string, readonly string[]>()
  const times = new Map<string, number>()
  const edge = await openTestEdge({
    answer: (request, response) => {
      const path = request.url as string
      const before = times.get(path) ?? 0
      times.set(path, before + 1)
      const bytes = answers.get(path) ?? []
      // Past Node's own writer, which would not send most of these.
      response.socket?.end(bytes[Math.min(before, bytes.length - 1)] ?? '')
    },
    policy: { classes: [files], stages: { ...plainPolicy.stages, cache: 'enforce' } },
  })
  t.teardown(edge.closeAll)
  return {
    urlFor: (...bytes) => {
      const path = `/${answers.size}/main.css`
      answers.set(path, bytes)
      return `${edge.url}${path}`
    },
    asked: (url) => times.get(url.slice(edge.url.length)) ?? 0,
  }
}

function answerOf(lines: readonly string[], body: string): string {
  const head = ['HTTP/1.1 200 OK', ...lines, `Content-Length: ${body.length}`]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

test('what the public cache tests lack, row by row', async (t) => {
  const rig = await openRig(t)
  for (const { when, lines, interim = '', expect, without = [] } of rows) {
    const url = rig.urlFor(interim + answerOf(lines, 'one'), answerOf([], 'two'))
    t.equal((await ask(url)).body, 'one', when)
    const second = await ask(url)
    t.equal(second.body, expect === 'stored' ? 'one' : 'two', `${when}: ${expect}`)
    t.equal(rig.asked(url), expect === 'stored' ? 1 : 2, when)
    for (const name of ['set-cookie', ...without]) t.equal(second.headers[name], undefined, when)
  }
})

test('what follows a chunked body is neither stored nor given, RFC 9110 §6.5', async (t) => {
  const rig = await openRig(t)
  const head = 'HTTP/1.1 200 OK\r\nTrailer: X-Late\r\nTransfer-Encoding: chunked\r\n\r\n'
  const url = rig.urlFor(`${head}3\r\none\r\n0\r\nX-Late: 1\r\nSet-Cookie: a=b\r\n\r\n`)
  for (const _ of [1, 2]) {
    const answer = await ask(url)
    t.equal(answer.body, 'one')
    t.notOk(answer.rawHeaders.some((line) => /x-late|trailer|set-cookie/i.test(line)))
  }
  t.equal(rig.asked(url), 1)
})

test('a method that may change anything makes its resource a miss, RFC 9111 §4.4', async (t) => {
  const rig = await openRig(t)
  for (const method of ['M-SEARCH', 'PROPPATCH', 'MERGE', 'LINK', 'PURGE']) {
    const url = rig.urlFor(answerOf([], 'one'), answerOf([], ''), answerOf([], 'two'))
    await ask(url)
    t.equal((await ask(url, { method })).status, 200, method)
    t.equal((await ask(url)).body, 'two', method)
  }
})

test('OPTIONS and TRACE change nothing, and a method nobody knows is stopped', async (t) => {
  const rig = await openRig(t)
  for (const method of ['OPTIONS', 'TRACE']) {
    const url = rig.urlFor(answerOf([], 'one'), answerOf([], ''))
    await ask(url)
    await ask(url, { method })
    t.equal((await ask(url)).body, 'one', method)
  }
  const url = rig.urlFor(answerOf([], 'one'))
  await ask(url)
  const { pathname } = new URL(url)
  const answer = await talk(url, `FROBNICATE ${pathname} HTTP/1.1\r\nHost: a\r\n\r\n`)
  t.match(answer, /^HTTP\/1\.1 400 /)
  t.equal((await ask(url)).body, 'one')
  t.equal(rig.asked(url), 1)
})
