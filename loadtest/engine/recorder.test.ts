import { test } from 'tap'
import { LatencyHistogram } from '../../core/latency-histogram.ts'
import { Recorder, type VisitFacts, type VisitFate } from './recorder.ts'
import { WriteBook } from './write-book.ts'

const phases = [
  { name: 'before', fromMs: 0, toMs: 10_000 },
  { name: 'peak', fromMs: 10_000, toMs: 20_000 },
]

function visit(intendedMs: number, rest: Partial<VisitFacts> = {}): VisitFacts {
  return {
    pageType: 'home',
    role: 'pupil',
    kind: 'planned',
    deadlineMs: 3_000,
    intendedMs,
    ...rest,
  }
}

test('a page belongs to the phase of its intended start, whenever it ends', async (t) => {
  const recorder = new Recorder(phases)
  const open = recorder.begin(visit(9_999), 10_020)
  recorder.attempt(open, 10_020)
  recorder.end(open, 'whole', 12_999)
  const { phases: results, timeline } = recorder.results()
  t.match(results[0], { pages: { intended: 1, attempts: 1, whole: 1, inSlo: 1, late: 0 } })
  t.match(results[1], { pages: { intended: 0, whole: 0 } })
  t.equal(results[0]?.response.maxMs, 3_000, 'from the intended start')
  t.equal(results[0]?.service.maxMs, 2_979, 'from the attempt')
  t.equal(results[0]?.lag.maxMs, 21)
  t.match(timeline[9], { intended: 1, inSlo: 1 })
  t.match(timeline[10], { attempts: 1 })
  t.match(timeline[12], { served: 1 })
})

test('one ms past the deadline is late; time in line is told apart', async (t) => {
  const recorder = new Recorder(phases)
  const late = recorder.begin(visit(0), 0)
  recorder.end(late, 'whole', 3_001)
  const queued = recorder.begin(visit(0), 0)
  recorder.poll(queued, 5_000, 5_000)
  recorder.end(queued, 'whole', 6_000)
  const { total } = recorder.results()
  t.match(total.pages, { whole: 2, inSlo: 0, late: 2, inSloAfterLine: 1, waits: 1 })
  t.equal(total.inLine.maxMs, 5_000)
  t.equal(total.responseAfterLine.maxMs, 3_001)
})

test('every intended page has exactly one fate, and a return is not a second page', async (t) => {
  const recorder = new Recorder(phases)
  const fates: VisitFate[] = ['whole', 'failed', 'refused', 'abandoned']
  for (const fate of fates) {
    const open = recorder.begin(visit(1_000), 1_000)
    recorder.attempt(open, 1_000)
    recorder.end(open, fate, 2_000)
    recorder.end(open, 'failed', 2_500)
  }
  const back = recorder.begin(visit(5_000, { kind: 'returned' }), 5_000)
  recorder.attempt(back, 5_000)
  recorder.end(back, 'whole', 5_100)
  recorder.begin(visit(19_000), 19_000)
  recorder.close(25_000)
  recorder.begin(visit(19_000), 25_001)
  const { total } = recorder.results()
  const { intended, whole, failed, refused, abandoned, unfinished } = total.pages
  t.equal(intended, 5)
  t.equal(intended, whole + failed + refused + abandoned + unfinished)
  t.match(total.pages, { attempts: 5, unfinished: 1, wholeAfterReturn: 1 })
  const censored = LatencyHistogram.fromJSON(total.censored)
  t.equal(censored.count, 4, 'failures are a series of their own')
  t.equal(censored.maxMs, 6_000, 'an open page counts the time it was waited for')
})

test('the prelude is not measured, and logins are not pages', async (t) => {
  const recorder = new Recorder(phases)
  const early = recorder.begin(visit(-500, { pageType: 'login' }), -500)
  recorder.attempt(early, -500)
  recorder.end(early, 'whole', -100)
  recorder.request('200', -200)
  const login = recorder.begin(visit(0, { pageType: 'login', deadlineMs: 9_000 }), 0)
  recorder.attempt(login, 0)
  recorder.attempt(login, 10)
  recorder.end(login, 'whole', 8_000)
  const { total } = recorder.results()
  t.match(total.pages, { intended: 0, attempts: 0 })
  t.match(total.logins, { intended: 1, attempts: 2, whole: 1, inSlo: 1 })
  t.strictSame(total.requests, {})
  t.equal(total.amplification, 2)
  t.equal(total.response.buckets.length, 0)
})

test('leak examples are few and name no person', async (t) => {
  const recorder = new Recorder(phases)
  for (let i = 0; i < 9; i += 1) {
    recorder.checked([{ scope: 'user' }], { service: 'feed', atMs: i })
  }
  const { leaks } = recorder.results()
  t.match(leaks, { answersChecked: 9, foreignCanaries: 9 })
  t.equal(leaks.examples.length, 5)
  t.strictSame(leaks.examples[0], { scope: 'user', service: 'feed', atMs: 0 })
})

test('a write is acknowledged once, however often it was clicked', async (t) => {
  const book = new WriteBook()
  for (const key of ['a', 'a', 'b', 'c']) book.sent(key)
  const write = { principal: 'u1', kind: 'tick', status: 201 }
  book.confirm({ key: 'a', ...write })
  book.confirm({ key: 'a', ...write, status: 200 })
  book.confirm({ key: 'b', ...write, status: 202 })
  book.sent('b')
  t.match(book.result(), {
    attempted: 3,
    sends: 5,
    acknowledged: [
      { key: 'a', ...write },
      { key: 'b', ...write, status: 202 },
    ],
    unconfirmed: ['c'],
  })
})
