import { test } from 'tap'
import { until } from '../../test/support/client.ts'
import { difference, openPair, playOdd, slow } from '../../test/support/lane-pair.ts'
import { warmUp } from '../../test/support/odd-requests.ts'
import { attachParserLane, parserLaneWorks } from './parser-lane.ts'

test('with and without the lane, odd clients receive the same bytes', async (t) => {
  const pair = await openPair()
  t.teardown(() => pair.close())
  t.equal(await playOdd(pair, connectionsInCi, { seed: 'ci' }), undefined)
  const labels = '{class="files"}'
  const hot = (): Promise<number> => pair.withLane.metric('ecluse_hot_answers_total', labels)
  await until(async () => (await hot()) > 100)
  t.ok((await hot()) > 100, `${await hot()} answers of the lane`)
  t.equal(await pair.without.metric('ecluse_hot_answers_total', labels), 0)
})

// Whoever leaves as an answer ends is counted as served or not by chance.
test('requests of clients who stay are counted the same with and without the lane', async (t) => {
  const pair = await openPair()
  t.teardown(() => pair.close())
  t.equal(await playOdd(pair, 40, { seed: 'counted', leaves: false }), undefined)
  t.ok((await pair.withLane.metric('ecluse_hot_answers_total', '{class="files"}')) > 20)
  const counted = (edge: typeof pair.without): Promise<number> =>
    edge.metric('ecluse_requests_total', '{class="files",outcome="fresh"}')
  // The lane adds its counts up a few times a second.
  await until(async () => (await counted(pair.withLane)) === (await counted(pair.without)))
  t.equal(await counted(pair.withLane), await counted(pair.without))
})

/** Some 1,500 requests; `npm run differential` plays 100,000. */
const connectionsInCi = 120

test('a server that stops ends its connections the same way', async (t) => {
  const pair = await openPair()
  t.teardown(() => pair.close())
  await pair.compare(warmUp())
  const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`
  const text = get('/f/small.css')
  const asked = slow.asked
  const compared = pair.compare([
    { kind: 'write', text: text + text },
    { kind: 'answers', count: 2 },
    { kind: 'write', text: get('/private/slow') + text + text },
  ])
  await until(async () => slow.asked === asked + 2)
  const closed = Promise.all([pair.withLane.close(), pair.without.close()])
  t.equal(await compared, undefined)
  await closed
})

test('a byte that differs is found, and seconds that pass are no difference', async (t) => {
  const talk = (received: string, isAborted = false) => ({ received, isAborted })
  t.match(
    difference(talk('HTTP/1.1 200 OK\r\nA: b\r\n'), talk('HTTP/1.1 200 OK\r\nA: c\r\n')),
    /byte 20/,
  )
  t.match(difference(talk('ab'), talk('a')), /byte 1 of 2 and 1/, 'less is a difference')
  t.equal(difference(talk('ab', true), talk('a', true)), undefined, 'not for who left')
  t.equal(difference(talk('\nAge: 9\r\n'), talk('\nAge: 10\r\n')), undefined)
})

test('the lane is tried before it is used, and one that overtakes is refused', async (t) => {
  t.equal(await parserLaneWorks(), true, 'with this Node')
  const overtaking: typeof attachParserLane = (server, lane) => {
    attachParserLane(server, lane)
    server.prependListener('connection', (socket) => {
      // As if Node no longer said which response's turn it is.
      const get = (): null => null
      Object.defineProperty(socket, '_httpMessage', { get, set: (): void => {} })
    })
  }
  t.equal(await parserLaneWorks(overtaking), false)
  t.equal(await parserLaneWorks(() => undefined), false, 'nor one that never answers')
})
