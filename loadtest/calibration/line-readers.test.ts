import { test } from 'tap'
import { lineReader } from './line-readers.ts'
import { formatOf, type LogFormat } from './log-entry.ts'

// 23 November 2026 at 08:10:25, as ms of the place's own clock.
const atMs = 1_795_421_425_000

const rows: { phrase: string; format: LogFormat; line: string; expect: object | string }[] = [
  {
    phrase: 'combined',
    format: 'combined',
    line: '192.0.2.1 - - [23/Nov/2026:08:10:25 +0100] "GET /portal/home?a=1 HTTP/1.1" 200 12 "-" "Firefox"',
    expect: { atMs, target: '/portal/home?a=1' },
  },
  {
    phrase: 'an account with a space in it',
    format: 'combined',
    line: '192.0.2.1 - Jean Dupont [23/Nov/2026:08:10:25 +0100] "GET / HTTP/1.1" 304 0',
    expect: { atMs, target: '/' },
  },
  {
    phrase: 'an asset',
    format: 'combined',
    line: '192.0.2.1 - - [23/Nov/2026:08:10:25 +0100] "GET /a/b.min.js?v=1 HTTP/1.1" 200 12 "-" "F"',
    expect: 'skipped',
  },
  {
    phrase: 'a redirect',
    format: 'combined',
    line: '192.0.2.1 - - [23/Nov/2026:08:10:25 +0100] "GET / HTTP/1.1" 302 12 "-" "F"',
    expect: 'skipped',
  },
  {
    phrase: 'a write',
    format: 'combined',
    line: '192.0.2.1 - - [23/Nov/2026:08:10:25 +0100] "POST / HTTP/1.1" 200 12 "-" "F"',
    expect: 'skipped',
  },
  { phrase: 'half a line', format: 'combined', line: '192.0.2.1 - - [23/Nov', expect: 'damaged' },
  {
    phrase: 'a month that is none',
    format: 'combined',
    line: '192.0.2.1 - - [23/Nox/2026:08:10:25 +0100] "GET / HTTP/1.1" 200 12 "-" "F"',
    expect: 'damaged',
  },
  {
    phrase: 'JSON of nginx',
    format: 'json',
    line: '{"time_iso8601":"2026-11-23T08:10:25+01:00","remote_addr":"192.0.2.1","request":"GET /portal/marks HTTP/1.1","status":"200","request_time":"0.250","role":"parent","host":"a.example"}',
    expect: { atMs, target: '/portal/marks', answerMs: 250, role: 'parent', host: 'a.example' },
  },
  {
    phrase: 'JSON with an epoch is of the clock of Paris',
    format: 'json',
    line: '{"msec":"1795417825.000","method":"GET","uri":"/portal/marks","status":200}',
    expect: { atMs },
  },
  {
    phrase: 'JSON that says it is no page',
    format: 'json',
    line: '{"msec":1795417825,"method":"GET","uri":"/x","status":200,"content_type":"image/png"}',
    expect: 'skipped',
  },
  { phrase: 'cut JSON', format: 'json', line: '{"msec":17', expect: 'damaged' },
  {
    phrase: 'HAProxy',
    format: 'haproxy',
    line: 'Nov 23 08:10:25 lb haproxy[14389]: 192.0.2.1:33317 [23/Nov/2026:08:10:25.123] http-in ent/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {Firefox} {} "GET /portal/news HTTP/1.1"',
    expect: { atMs, target: '/portal/news', answerMs: 109 },
  },
]

for (const { phrase, format, line, expect } of rows) {
  test(`a line is read: ${phrase}`, async (t) => {
    const entry = lineReader(format, 7)(line, 0, line.length)
    if (typeof expect === 'string') t.equal(entry, expect)
    else t.match(entry, expect)
  })
}

test('formats are told apart by their first line', async (t) => {
  for (const { format, line, expect } of rows) {
    if (typeof expect !== 'string') t.equal(formatOf(line), format, line)
  }
  t.equal(formatOf('hello'), undefined)
})

test('visitors are told apart by account, else by address and browser, and never named', async (t) => {
  const visitorOf = (who: { user?: string; browser?: string; secret?: number }): number => {
    const { user = '-', browser = 'Firefox', secret = 7 } = who
    const line = `192.0.2.1 - ${user} [23/Nov/2026:08:10:25 +0100] "GET / HTTP/1.1" 200 1 "-" "${browser}"`
    const entry = lineReader('combined', secret)(line, 0, line.length)
    return typeof entry === 'string' ? Number.NaN : entry.visitor
  }
  t.equal(visitorOf({}), visitorOf({}))
  t.not(visitorOf({}), visitorOf({ browser: 'Chrome' }), 'one school, one address, two browsers')
  t.not(visitorOf({ user: 'a' }), visitorOf({ user: 'b' }))
  t.equal(visitorOf({ user: 'a' }), visitorOf({ user: 'a', browser: 'Chrome' }))
  t.not(visitorOf({}), visitorOf({ secret: 8 }), 'another run, another hash')
})
