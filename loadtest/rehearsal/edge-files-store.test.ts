import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { parse, stringify } from 'yaml'
import { type EdgeFacts, writeEdgeFiles } from './edge-files-store.ts'

const dialect = {
  version: 1,
  stages: {},
  gate: { maxInFlight: 24, maxQueued: 600 },
  waitingRoom: { minInside: 20, idleSeconds: 120 },
  classes: [{ name: 'assets' }],
}

/** What the edge and its workers read when they are started with these facts. */
async function written(t: Test, facts: Partial<EdgeFacts>) {
  const folder = await mkdtemp(join(tmpdir(), 'edge-files-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const policyFile = join(folder, 'dialect.yaml')
  await writeFile(policyFile, stringify(dialect))
  const files = await writeEdgeFiles({
    folder,
    keysFolder: '/keys',
    policyFile,
    originUrl: 'http://127.0.0.1:1',
    sockets: { durable: '/durable.sock', volatile: '/volatile.sock' },
    maxInFlight: null,
    thinkCompression: 1,
    peopleInside: 20,
    off: [],
    ...facts,
  })
  const read = async (file: string) => parse(await readFile(file, 'utf8')) as Record<string, never>
  const gateway = await read(files.gateway)
  return {
    gateway,
    policy: await read(gateway['policy']?.['file'] ?? ''),
    workers: await read(await files.workers('http://127.0.0.1:2')),
  }
}

test('pins the policy to what the portal can do, and changes nothing else', async (t) => {
  const rows = [
    { phrase: 'a portal we do not know', facts: {}, expect: dialect },
    {
      phrase: 'eight at once, and a line of two seconds of work',
      facts: { maxInFlight: 8 },
      expect: {
        ...dialect,
        gate: {
          maxInFlight: 8,
          maxQueued: 160,
          identityProvider: { maxInFlight: 4, maxQueued: 80 },
        },
      },
    },
    {
      phrase: 'idle time is compressed like the pauses of people',
      facts: { thinkCompression: 20 },
      expect: { ...dialect, waitingRoom: { minInside: 20, idleSeconds: 6 } },
    },
    {
      phrase: 'but never to nothing',
      facts: { thinkCompression: 1_000 },
      expect: { ...dialect, waitingRoom: { minInside: 20, idleSeconds: 1 } },
    },
  ]
  for (const { phrase, facts, expect } of rows) {
    t.strictSame((await written(t, facts)).policy, expect, phrase)
  }
})

test('switches off the stages named, and what is not a stage by its own means', async (t) => {
  const rows = [
    { off: ['cache'], stages: { cache: 'off' }, requireDurable: true },
    {
      off: ['waiting-room', 'admission', 'rate-limit', 'coalescing', 'write-absorption'],
      stages: {
        'waiting-room': 'off',
        admission: 'off',
        'rate-limit': 'off',
        coalescing: 'off',
        'write-absorption': 'off',
      },
      requireDurable: true,
    },
    { off: ['durable-queue', 'deduplication'], stages: {}, requireDurable: false },
  ] as const
  for (const { off, stages, requireDurable } of rows) {
    const { policy, gateway } = await written(t, { off })
    t.strictSame(policy['stages'], stages, off.join(' '))
    t.strictSame(gateway['writes'], { requireDurable }, off.join(' '))
  }
})

test('edge and workers share the queue and the keys, and the edge alone what may be lost', async (t) => {
  const { gateway, workers } = await written(t, {})
  t.match(gateway, {
    listen: { port: 0 },
    origin: { url: 'http://127.0.0.1:1' },
    redis: { durable: '/durable.sock', volatile: '/volatile.sock' },
    keys: { folder: '/keys' },
  })
  t.strictSame(workers, {
    redis: { durable: '/durable.sock' },
    keys: { folder: '/keys' },
    internal: { url: 'http://127.0.0.1:2' },
  })
})
