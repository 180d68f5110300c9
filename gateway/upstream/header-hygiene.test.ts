import { test } from 'tap'
import { answerHeaders, type ForwardingFacts, requestHeaders } from './header-hygiene.ts'

const facts: ForwardingFacts = {
  clientAddress: '192.0.2.7',
  host: 'ent.example',
  scheme: 'https',
  cookie: null,
  added: [],
}

const ours = [
  ['host', 'ent.example'],
  ['x-forwarded-for', '192.0.2.7'],
  ['x-forwarded-host', 'ent.example'],
  ['x-forwarded-proto', 'https'],
  ['forwarded', 'for=192.0.2.7;host="ent.example";proto=https'],
]

const requestRows: { what: string; lines: string[]; kept: string[][] }[] = [
  { what: 'nothing', lines: [], kept: [] },
  {
    what: 'order, repetitions and case of values are kept',
    lines: ['X-B', 'One', 'X-A', '', 'X-B', 'Two'],
    kept: [
      ['x-b', 'One'],
      ['x-a', ''],
      ['x-b', 'Two'],
    ],
  },
  {
    what: 'RFC 9110 §7.6.1: fields about the connection end here, and those it names',
    lines: ['Connection', 'close, X-Mine', 'x-mine', '1', 'Keep-Alive', 'a', 'TE', 'trailers'],
    kept: [],
  },
  {
    what: 'Connection cannot take away the length of the body or the host',
    lines: ['Connection', 'content-length, HOST', 'Content-Length', '3'],
    kept: [['content-length', '3']],
  },
  {
    what: 'several Connection lines are all read',
    lines: ['Connection', 'X-One', 'X-One', '1', 'X-Two', '2', 'connection', ' x-two ,'],
    kept: [],
  },
  {
    what: 'a client’s word about where it comes from is replaced',
    lines: [
      'X-Forwarded-For',
      '1.2.3.4',
      'Forwarded',
      'for=x',
      'X-Real-IP',
      '1',
      'X-Rewrite-URL',
      '/',
    ],
    kept: [],
  },
  {
    what: 'a client speaks none of our fields, and no other host or cookie',
    lines: ['Ecluse-Assertion', 'v1', 'ECLUSE-anything', '1', 'Host', 'other', 'Cookie', 'a=1'],
    kept: [],
  },
  {
    what: 'what undici would refuse is dropped',
    lines: ['x y', '1', 'X-Null', 'a\u0000b', 'X-Far', '\u0100', 'X-Near', '\u00e9'],
    kept: [['x-near', '\u00e9']],
  },
  {
    what: 'a message framed otherwise is framed by us',
    lines: [
      'Transfer-Encoding',
      'chunked',
      'Expect',
      '100-continue',
      'Upgrade',
      'h2c',
      'Trailer',
      'x',
    ],
    kept: [],
  },
]

for (const { what, lines, kept } of requestRows) {
  test(`to the origin: ${what}`, async (t) => {
    t.same(requestHeaders(lines, facts), [...kept, ...ours].flat())
  })
}

test('to the origin: our own lines and the cookies that are left come last', async (t) => {
  const lines = requestHeaders([], { ...facts, cookie: 'a=1', added: ['ecluse-attempt', '1'] })
  t.same(lines.slice(-4), ['ecluse-attempt', '1', 'cookie', 'a=1'])
})

test('RFC 7239 §6: an IPv6 client is quoted and bracketed', async (t) => {
  const lines = requestHeaders([], { ...facts, clientAddress: '2001:db8::1', host: 'a"b\\' })
  t.equal(lines.at(-1), 'for="[2001:db8::1]";host="ab";proto=https')
  t.equal(lines[lines.indexOf('x-forwarded-for') + 1], '2001:db8::1')
})

const answerRows: { what: string; lines: string[]; kept: string[] }[] = [
  {
    what: 'each Set-Cookie stays a line of its own',
    lines: ['Set-Cookie', 'a=1', 'Vary', 'x', 'Set-Cookie', 'b=2'],
    kept: ['set-cookie', 'a=1', 'vary', 'x', 'set-cookie', 'b=2'],
  },
  {
    what: 'fields about the connection end here, and those it names',
    lines: ['Connection', 'x-pool', 'X-Pool', '7', 'Transfer-Encoding', 'chunked', 'Trailer', 'x'],
    kept: [],
  },
  {
    what: 'an origin says three things to us; what else looks like ours is dropped',
    lines: [
      'Ecluse-Identity',
      '?0',
      'Ecluse-Audience',
      'school',
      'Ecluse-Cache-Control',
      'a',
      'Ecluse-Reason',
      'b',
    ],
    kept: ['ecluse-identity', '?0', 'ecluse-audience', 'school', 'ecluse-cache-control', 'a'],
  },
]

for (const { what, lines, kept } of answerRows) {
  test(`to the client: ${what}`, async (t) => t.same(answerHeaders(lines), kept))
}
