import { test } from 'tap'
import { exchangeFor } from '../test/support/exchange.ts'
import { reasons, type Reason } from './outcome.ts'
import { retryAfter, turnAway } from './turned-away.ts'

const text = (body: unknown) => new TextDecoder().decode(body as Uint8Array)

test('every reason gives people a page and programs a problem document', async (t) => {
  for (const reason of Object.keys(reasons) as Reason[]) {
    const page = turnAway(exchangeFor({ headers: { accept: 'text/html,*/*' } }), reason)
    t.equal(page.status, reasons[reason].status)
    t.match(text(page.body), reasons[reason].fr)
    t.match(text(page.body), reasons[reason].en)
    const answer = turnAway(exchangeFor({ headers: { accept: 'application/json' } }), reason)
    t.equal(JSON.parse(text(answer.body)).reason, reason)
    t.ok(answer.headers.includes('no-store'), 'nobody keeps it')
  }
})

test('a script that accepts anything is not given a page', async (t) => {
  const headers = { accept: 'text/html', 'sec-fetch-dest': 'empty' }
  const answer = turnAway(exchangeFor({ headers }), 'gate-full')
  t.ok(answer.headers.includes('application/problem+json'))
})

test('returns are spread over once to twice the base and never at once', async (t) => {
  const rows = [
    { base: 4, jitter: 0, expect: 4, phrase: 'the earliest' },
    { base: 4, jitter: 0.999, expect: 8, phrase: 'the latest' },
    { base: 0, jitter: 0.5, expect: 1, phrase: 'never zero' },
    { base: 0.2, jitter: 0.1, expect: 1, phrase: 'whole seconds' },
  ]
  for (const row of rows) t.equal(retryAfter(row.base, row.jitter), row.expect, row.phrase)
})
