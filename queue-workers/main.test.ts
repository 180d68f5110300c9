import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Test, test } from 'tap'
import { initKeys, loadKeys } from '../gateway/keys/key-store.ts'
import { redisClient } from '../gateway/redis-client.ts'
import { composeWrite } from '../gateway/write-absorption/compose-write.ts'
import { openDurableQueue, type DurableQueue } from '../gateway/write-absorption/durable-queue.ts'
import { exchangeFor } from '../test/support/exchange.ts'
import { startPrivateRedis } from './private-redis-process.ts'

/** How the internal port behaves towards the nth request. */
type Behaviour =
  | 'apply'
  | 'fail'
  | 'apply-then-reset'
  | 'apply-then-hang'
  | 'hang'
  | 'turn-away'
  | 'refuse'

/** Everything between a queue and a portal, in this test's hands. */
async function setUp(
  t: Test,
  behaviour: (nth: number) => Behaviour,
  { timeoutMs, lockMs } = { timeoutMs: 200, lockMs: 500 },
) {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-workers-'))
  initKeys(join(folder, 'keys'))
  const keys = loadKeys(join(folder, 'keys'))
  const redis = await startPrivateRedis()
  // Hundreds of appends at once, each synced: how long they take is not under test.
  const client = redisClient(redis.address, 30_000)
  await client.connect()
  const queue = openDurableQueue(client, () => Date.now())
  /** Effects in the order in which they happened: "user key". */
  const effects: string[] = []
  let requests = 0
  const server = createServer((request, response) => {
    const person = JSON.parse(
      Buffer.from(String(request.headers['ecluse-apply']), 'base64url').toString(),
    )
    request.resume()
    const isOurs = request.headers['ecluse-internal'] === keys.internalToken
    const does = isOurs ? behaviour((requests += 1)) : 'refuse'
    if (does.startsWith('apply')) effects.push(`${person.user} ${person.key}`)
    answer(does, request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const config = join(folder, 'workers.yaml')
  const { port } = server.address() as AddressInfo
  writeFileSync(
    config,
    `redis: { durable: ${redis.address} }
keys: { folder: ${folder}/keys }
internal: { url: 'http://127.0.0.1:${port}' }
workers: { concurrency: 16, lockMs: ${lockMs}, attemptTimeoutMs: ${timeoutMs} }
`,
  )
  t.teardown(async () => {
    client.disconnect()
    server.closeAllConnections()
    server.close()
    await redis.stop()
    rmSync(folder, { recursive: true })
  })
  return { keys, queue, effects, config }
}

function answer(does: Behaviour, request: IncomingMessage, response: ServerResponse): void {
  switch (does) {
    case 'apply':
      response.writeHead(201).end()
      return
    case 'fail':
      response.writeHead(503).end()
      return
    case 'refuse':
      response.writeHead(403).end()
      return
    case 'turn-away':
      response.writeHead(503, { 'ecluse-reason': 'gate-full', 'retry-after': '0' }).end()
      return
    case 'apply-then-reset':
      request.socket.destroy()
      return
    case 'hang':
    case 'apply-then-hang':
      // Nothing is answered; the worker gives up.
      return
  }
}

async function startWorker(t: Test, config: string): Promise<{ child: ChildProcess; url: string }> {
  const args = ['bin/ecluse', 'workers', '--config', config, '--stop-with-parent']
  const child = spawn('/usr/bin/env', plainNode(args), { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [line] = await once(createInterface(child.stdout), 'line')
  const { event, url } = JSON.parse(line)
  t.equal(event, 'ready')
  return { child, url }
}

/** Without the test runner's preloads, with which Node refuses a file that has no extension. */
function plainNode(args: readonly string[]): string[] {
  return ['-u', 'NODE_OPTIONS', process.execPath, ...args]
}

async function append(
  queue: DurableQueue,
  write: { keys: ReturnType<typeof loadKeys>; user: string; key: string; outcome: string },
): Promise<string> {
  const outcome = write.outcome as 'dedupes' | 'neither'
  const composed = composeWrite(exchangeFor({ method: 'POST', target: '/api/homework/1/done' }), {
    intake: {
      kind: 'take',
      key: write.key,
      principal: { user: write.user, school: 's1', role: 'pupil', groups: [] },
      bodyBytesAtMost: 10,
      rules: {
        authority: 'on-behalf',
        outcome,
        success: [201],
        answer: 'receipt',
        when: 'always',
        answerWithinMs: 2_500,
        keeps: 'all',
        durability: 'queue-fsync',
        maxBodyBytes: 1_000,
        backlogMaxSeconds: 600,
      },
    },
    body: Buffer.from(`body of ${write.key}`),
    seal: (plain) => write.keys.seal(plain),
    principalId: (user) => write.keys.principalId(user),
    digest: (data) => createHash('sha256').update(data).digest('hex'),
  })
  // Accepted now, not at the moment of the made-up exchange.
  const acceptedAtMs = Date.now()
  const job = { ...composed.job, acceptedAtMs, deadlineMs: acceptedAtMs + 60_000 }
  await queue.append({ ...composed, job })
  return composed.id
}

/** Polls until `found` says yes; the test's own time limit ends it otherwise. */
async function until(found: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await found())) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function stats(url: string) {
  return (await (await fetch(`${url}/stats`)).json()) as Record<string, number>
}

test('after a killed worker every acknowledged write is applied, once per key and in order', async (t) => {
  const transient: Behaviour[] = ['fail', 'fail', 'apply-then-reset', 'apply-then-hang']
  const { keys, queue, effects, config } = await setUp(t, (nth) =>
    nth % 5 === 0 ? (transient[(nth / 5) % 4] as Behaviour) : 'apply',
  )
  const expected: string[] = []
  const first = await startWorker(t, config)
  for (let start = 0; start < 1_000; start += 100) {
    const batch = Array.from({ length: 100 }, (_, i) => {
      const [user, key] = [`u${(start + i) % 200}`, `key-${String(start + i).padStart(6, '0')}`]
      expected.push(`${user} ${key}`)
      return append(queue, { keys, user, key, outcome: 'dedupes' })
    })
    await Promise.all(batch)
  }
  await until(() => effects.length > 250)
  first.child.kill('SIGKILL')
  const second = await startWorker(t, config)
  await until(async () => (await stats(second.url))['backlog'] === 0)

  const distinct = [...new Set(effects)]
  t.equal(distinct.length, 1_000, 'none lost')
  t.same([...distinct].sort(), [...expected].sort())
  const ofEach = (all: string[]) => Object.groupBy(all, (effect) => effect.split(' ')[0] ?? '')
  t.same(
    ofEach(distinct),
    ofEach(expected),
    'each person’s writes in the order in which they were accepted',
  )
  t.ok(effects.length > 1_000, 'some were repeated, so the origin’s deduplication was needed')
  const { retried, deadLettered } = await stats(second.url)
  t.ok((retried ?? 0) > 50, `retried ${retried}`)
  t.equal(deadLettered, 0)
  second.child.kill('SIGTERM')
  const [code] = await once(second.child, 'exit')
  t.equal(code, 0, 'it stops cleanly')
})

test('where the origin cannot deduplicate nothing is done twice, and every doubt is listed', async (t) => {
  const transient: Behaviour[] = ['fail', 'turn-away', 'apply-then-reset']
  const { keys, queue, effects, config } = await setUp(t, (nth) =>
    nth % 4 === 0 ? (transient[(nth / 4) % 3] as Behaviour) : 'apply',
  )
  const first = await startWorker(t, config)
  const ids = await Promise.all(
    Array.from({ length: 300 }, (_, n) =>
      append(queue, { keys, user: `u${n}`, key: `key-${n}-abcdef`, outcome: 'neither' }),
    ),
  )
  await until(() => effects.length > 80)
  first.child.kill('SIGKILL')
  const { child, url } = await startWorker(t, config)
  await until(async () => (await stats(url))['backlog'] === 0)
  t.equal(new Set(effects).size, effects.length, 'none doubled')

  const unauthorised = await fetch(`${url}/dead-letters`)
  t.equal(unauthorised.status, 401)
  const headers = { 'ecluse-internal': keys.internalToken }
  const listed = (await (await fetch(`${url}/dead-letters`, { headers })).json()) as {
    id: string
    key: string
    reason: string
  }[]
  t.ok(listed.length > 20)
  t.ok(listed.every(({ key }) => /^key-\d+-abcdef$/.test(key)))
  t.ok(listed.every(({ reason }) => reason === 'outcome-unknown'))
  const parked = new Set(listed.map(({ id }) => id))
  const found = await Promise.all(ids.map((id) => queue.find(id)))
  const applied = ids.filter((_, n) => found[n]?.status.kind === 'applied')
  t.equal(applied.length + parked.size, 300, 'each is applied or listed')
  t.notOk(
    applied.some((id) => parked.has(id)),
    'and not both',
  )
  child.stdin?.end()
  const [code] = await once(child, 'exit')
  t.equal(code, 0, 'it ends with its parent')
})

test('what a dead worker held is not overtaken by the same person’s next write', async (t) => {
  let requests = 0
  const hangsOnce = (nth: number) => ((requests = nth) === 1 ? 'hang' : 'apply')
  // Long enough that a worker which waits for its processor is not taken for a dead one.
  const times = { timeoutMs: 60_000, lockMs: 5_000 }
  const { keys, queue, effects, config } = await setUp(t, hangsOnce, times)
  const names = Array.from({ length: 10 }, (_, n) => `key-0000000${n}`)
  for (const key of names) await append(queue, { keys, user: 'u1', key, outcome: 'dedupes' })
  const first = await startWorker(t, config)
  const second = await startWorker(t, config)
  await until(() => requests === 1)
  t.equal((await stats(second.url))['backlog'], 10, 'one of them holds it, the other waits')
  first.child.kill('SIGKILL')
  second.child.kill('SIGKILL')
  await startWorker(t, config)
  await until(() => effects.length === 10)
  t.same(
    effects,
    names.map((key) => `u1 ${key}`),
  )
})

test('a write whose author lost the right waits, and goes through when it is driven again', async (t) => {
  let mayWrite = false
  const { keys, queue, effects, config } = await setUp(t, () => (mayWrite ? 'apply' : 'refuse'))
  const { url } = await startWorker(t, config)
  const id = await append(queue, { keys, user: 'u1', key: 'key-00000001', outcome: 'dedupes' })
  const status = async () => (await queue.find(id))?.status
  await until(async () => (await status())?.kind === 'dead-letter')
  t.same(await status(), { kind: 'dead-letter', reason: 'authority-lost' })
  mayWrite = true
  const redrive = (which: string) =>
    fetch(`${url}/dead-letters/${which}/redrive`, {
      method: 'POST',
      headers: { 'ecluse-internal': keys.internalToken },
    })
  t.equal((await redrive(id)).status, 202)
  await until(async () => (await status())?.kind === 'applied')
  t.same(effects, ['u1 key-00000001'])
  t.equal((await redrive(id)).status, 404, 'an applied write cannot be driven again')
  t.equal((await redrive(`w1-${'0'.repeat(40)}`)).status, 404)
})

test('wrong settings are named, each in one sentence', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-workers-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'workers.yaml')
  writeFileSync(config, 'redis: { durabel: x }\nworkers: { concurrency: -1 }\n')
  const args = ['bin/ecluse', 'workers', '--config', config]
  const child = spawn('/usr/bin/env', plainNode(args), { stdio: ['ignore', 'ignore', 'pipe'] })
  const lines: string[] = []
  createInterface(child.stderr).on('line', (line) => lines.push(line))
  const [code] = await once(child, 'close')
  t.equal(code, 2)
  t.match(lines.join('\n'), /did you mean redis\.durable/)
  t.match(lines.join('\n'), /workers\.concurrency: expected a whole number from 1 to 256/)
})
