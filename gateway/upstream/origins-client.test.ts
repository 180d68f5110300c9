import { createServer } from 'node:http'
import { test } from 'tap'
import { ask } from '../../test/support/client.ts'
import { openTestEdge } from '../../test/support/edge.ts'
import { openOrigin } from '../../test/support/origin.ts'

/** An address at which nobody listens any more. */
async function goneUrl(): Promise<string> {
  const origin = await openOrigin((_, response) => response.end())
  await origin.close()
  return origin.url
}

/** Asks one after the other, each time as somebody without a session: anywhere. */
async function reasons(url: string, times: number): Promise<string[]> {
  const seen: string[] = []
  for (let i = 0; i < times; i += 1) {
    const { status, headers } = await ask(url)
    seen.push(status === 200 ? 'served' : String(headers['ecluse-reason']))
  }
  return seen
}

test('of several origins, one that is gone costs a few people an error and then nobody', async (t) => {
  const origin = await openOrigin((_, response) => response.end('ok'))
  t.teardown(origin.close)
  const edge = await openTestEdge({ originUrl: `${await goneUrl()}, ${origin.url}` })
  t.teardown(edge.closeAll)
  const seen = await reasons(edge.url, 60)
  const errors = seen.filter((one) => one !== 'served')
  t.ok(errors.length >= 4 && errors.length <= 20, `${errors.length} of 60`)
  t.ok(seen.slice(-10).includes('served'))
  t.equal(await edge.metric('ecluse_origins_resting'), 1)
})

test('when no origin answers people are told at once, and served soon after one is back', async (t) => {
  const gone = await goneUrl()
  const edge = await openTestEdge({ originUrl: gone })
  t.teardown(edge.closeAll)
  const seen = await reasons(edge.url, 20)
  t.ok(seen.slice(0, 4).every((one) => one === 'origin-unreachable'))
  t.equal(seen.at(-1), 'origin-down')
  const { hostname, port } = new URL(gone)
  const back = createServer((_, response) => response.end('ok'))
  await new Promise<void>((resolve) => back.listen(Number(port), hostname, resolve))
  t.teardown(() => {
    back.close()
    back.closeAllConnections()
  })
  let last = ''
  while (last !== 'served') [last = ''] = await reasons(edge.url, 1)
  t.equal(await edge.metric('ecluse_origins_resting'), 0)
})

test('an edge that is bypassed asks an origin that does not answer all the same', async (t) => {
  const edge = await openTestEdge({ originUrl: await goneUrl(), policy: { isBypassed: true } })
  t.teardown(edge.closeAll)
  const seen = await reasons(edge.url, 20)
  t.ok(seen.every((one) => one === 'origin-unreachable'))
})
