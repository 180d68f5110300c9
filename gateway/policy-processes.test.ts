import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { startPrivateRedis } from '../queue-workers/private-redis-process.ts'
import { ask, until } from '../test/support/client.ts'
import { plainPolicy, routeClass } from '../test/support/edge.ts'
import { ecluse, endOf, startEcluse } from '../test/support/ecluse.ts'
import { openOrigin } from '../test/support/origin.ts'
import { initKeys } from './keys/key-store.ts'

const page = routeClass('page', { match: { methods: ['GET'], path: '/page' } })
const first = { ...plainPolicy, version: 1, classes: [page] }

/** An edge as a process of its own. */
async function startEdge(flags: Readonly<Record<string, string>>) {
  const child = startEcluse(
    'gateway',
    ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    '--stop-with-parent',
  )
  const ended = endOf(child)
  const [line] = (await once(child.stdout, 'data')) as [string]
  const { url, operationsUrl } = JSON.parse(line) as Record<'url' | 'operationsUrl', string>
  return { url, operationsUrl, child, ended }
}

type EdgeProcess = Awaited<ReturnType<typeof startEdge>>

/** Two edges of one portal in a folder of their own, with Redis or without. */
async function openWorld(redisAddress?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-policies-'))
  const keys = join(folder, 'keys')
  initKeys(keys)
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(first))
  const origin = await openOrigin((_, response) => response.end('page'))
  const flags = (name: string): Record<string, string> => ({
    'listen.port': '0',
    'operations.port': '0',
    'internal.port': '0',
    'drain.seconds': '0',
    'origin.url': origin.url,
    'keys.folder': keys,
    'policy.file': join(folder, 'policy.json'),
    'policy.lastGoodFile': join(folder, `${name}.json`),
    ...(redisAddress !== undefined && { 'redis.volatile': redisAddress }),
  })
  const edges = await Promise.all([startEdge(flags('one')), startEdge(flags('other'))])
  const token = ['--token-file', join(keys, 'operations.token')]
  return {
    folder,
    flags,
    edges,
    /** Runs a command against some of the edges, as an operator would. */
    command: (words: readonly string[], at: readonly EdgeProcess[]) =>
      ecluse(...words, '--at', at.map((edge) => edge.operationsUrl).join(','), ...token),
    write: (name: string, policy: object): string => {
      const file = join(folder, name)
      writeFileSync(file, JSON.stringify(policy))
      return file
    },
    close: async () => {
      for (const { child } of edges) child.kill('SIGKILL')
      await Promise.all(edges.map(({ ended }) => ended))
      await origin.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const statusAt = async (edge: EdgeProcess): Promise<number> =>
  (await ask(`${edge.url}/page`)).status

test('a policy applied at one process is in force in the other, and outlives Redis and a restart', async (t) => {
  const redis = await startPrivateRedis()
  const world = await openWorld(redis.address)
  t.teardown(world.close)
  const [one, other] = world.edges
  const closing = world.write('closing.json', { ...first, version: 2, closed: ['page'] })

  const diff = await world.command(['policy', 'diff', closing], [one])
  t.same(diff.stdout.split('\n').slice(0, 2), ['~ version: 1 → 2', '~ closed: [] → ["page"]'])
  const applied = await world.command(['policy', 'apply', closing], [one])
  t.match(applied, { status: 0, stdout: /policy 2 is in force in 2 processes/ }, applied.stderr)
  t.equal(await statusAt(other), 503, 'it is when the command has ended')

  const broken = world.write('broken.json', { ...first, version: 3, colour: 'red' })
  const refused = await world.command(['policy', 'apply', broken], [one])
  t.match(refused, { status: 2, stderr: /broken\.json:1:\d+ .*colour/ })
  const same = world.write('same.json', { ...first, version: 2 })
  t.match(await world.command(['policy', 'apply', same], [one]), {
    status: 2,
    stderr: /more than 2/,
  })
  t.equal(await statusAt(one), 503, 'and nothing has changed')

  const back = await world.command(['policy', 'revert'], [other])
  t.match(back, { status: 0, stdout: /policy 3 is in force in 2 processes/ }, back.stderr)
  t.equal(await statusAt(one), 200)

  await redis.stop()
  t.equal(await statusAt(one), 200)
  t.match(JSON.parse(readFileSync(join(world.folder, 'one.json'), 'utf8')), { version: 3 })
  const third = await startEdge(world.flags('one'))
  t.teardown(() => third.child.kill('SIGKILL'))
  t.match(JSON.parse((await ask(`${third.operationsUrl}/policy`)).body), { version: 3, closed: [] })
  third.child.kill('SIGTERM')
  await third.ended
})

test('a process that starts later takes over what is in force', async (t) => {
  const redis = await startPrivateRedis()
  const world = await openWorld(redis.address)
  t.teardown(async () => {
    await world.close()
    await redis.stop()
  })
  const [one] = world.edges
  await world.command(['bypass', 'on', '--class', 'page'], [one])
  const late = await startEdge(world.flags('late'))
  t.match(JSON.parse((await ask(`${late.operationsUrl}/policy`)).body), {
    version: 2,
    bypassed: ['page'],
  })
  late.child.kill('SIGTERM')
  await late.ended
})

test('without Redis the bypass reaches every process that is named', async (t) => {
  const world = await openWorld()
  t.teardown(world.close)
  const [one, other] = world.edges
  const closing = world.write('closing.json', { ...first, version: 2, closed: ['page'] })
  await world.command(['policy', 'apply', closing], [one, other])
  t.same(await Promise.all([statusAt(one), statusAt(other)]), [503, 503])

  const on = await world.command(['bypass', 'on'], [one, other])
  t.match(on, { status: 0, stdout: /bypass on \(policy 3\) in 2 processes/ }, on.stderr)
  t.same(await Promise.all([statusAt(one), statusAt(other)]), [200, 200])

  other.child.kill('SIGKILL')
  await other.ended
  const off = await world.command(['bypass', 'off'], [one, other])
  t.match(off, { status: 6, stdout: /No answer from http.*ECONNREFUSED/ })
  await until(async () => (await statusAt(one)) === 503)
  t.equal(await statusAt(one), 503, 'the one that is there has it')
})

for (const redisIs of ['up', 'lost'] as const) {
  test(`nothing in flight is dropped while policies change, Redis ${redisIs}`, async (t) => {
    const redis = await startPrivateRedis()
    const world = await openWorld(redis.address)
    t.teardown(world.close)
    if (redisIs === 'lost') await redis.stop()
    else t.teardown(() => redis.stop())
    const over = new AbortController()
    const statuses: number[] = []
    const people = Array.from({ length: 16 }, async (_, i) => {
      const edge = world.edges[i % 2] as EdgeProcess
      // A connection that breaks rejects, and with it the test.
      while (!over.signal.aborted) statuses.push(await statusAt(edge))
    })
    const steps = [
      ['policy', 'apply', world.write('quotas.json', { ...first, version: 2 })],
      ['bypass', 'on', '--class', 'page'],
      ['bypass', 'on'],
      ['bypass', 'off'],
      ['policy', 'revert'],
    ]
    for (const words of steps) {
      const end = await world.command(words, world.edges)
      t.match(end, { status: 0, stdout: /in 2 processes/ }, `${words.join(' ')} ${end.stderr}`)
    }
    over.abort()
    await Promise.all(people)
    t.ok(statuses.length > 100, `${statuses.length} answers`)
    t.same(new Set(statuses), new Set([200]))
  })
}
