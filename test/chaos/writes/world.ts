import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { parse, stringify } from 'yaml'
import { initKeys } from '../../../gateway/keys/key-store.ts'
import type { MutantName } from './mutants.ts'
import { type OriginProxy, openOriginProxy } from './origin-proxy.ts'
import { ecluse, type Part, part } from './part-process.ts'
import { durableRedis, type DurableRedis } from './redis-part.ts'

/** Everything between people and the portal's ledger, as processes of this run alone. */
export interface World {
  readonly folder: string
  readonly url: string
  readonly operationsUrl: string
  readonly proxy: OriginProxy
  readonly edge: Part
  readonly workers: readonly Part[]
  readonly durable: DurableRedis
  readonly volatile: Part
  readonly ledgerFile: string
  readonly keysFolder: string
  /** Changes what is wrong with the portal. */
  portalFaults(faults: object): Promise<void>
  /** Moves the spool to another place, as a volume is attached to the pod that replaces another. */
  reattachSpool(): void
  /** Ends everything and removes the folder. */
  end(): Promise<void>
}

export interface WorldFacts {
  readonly outcome: 'dedupes' | 'neither'
  readonly appendfsync: 'always' | 'everysec'
  readonly mutant: MutantName | null
}

/** Locks are short, so that what a dead or frozen worker held is taken up within a run. */
const lockMs = 1_000

export async function startWorld(facts: WorldFacts): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-chaos-'))
  const path = (name: string): string => join(folder, name)
  const ledgerFile = path('ledger.jsonl')
  const keysFolder = path('keys')
  initKeys(keysFolder)
  const [listen = 0, operations = 0, internal = 0] = await freePorts(3)
  const durable = durableRedis(folder, facts.appendfsync)
  const volatileSocket = path('volatile.sock')
  const volatile = part('volatile Redis', () => ({
    command: 'redis-server',
    parameters: ['--port', '0', '--unixsocket', volatileSocket, '--dir', folder, '--save', ''],
    readyWhen: /ready to accept/i,
  }))
  const portal = part('portal', () =>
    ecluse(standInFlags(ledgerFile, { keysFolder, outcome: facts.outcome }), null),
  )
  let spools = 1
  const spoolFolder = (): string => path(`spool-${spools}`)
  const gatewayFile = path('gateway.yaml')
  const edge = part('edge', () => {
    const flags = ['--config', gatewayFile, '--spool.folder', spoolFolder(), '--stop-with-parent']
    return ecluse(['gateway', ...flags], facts.mutant)
  })
  const workersFile = path('workers.yaml')
  const workers = [1, 2].map((n) =>
    part(`worker ${n}`, () =>
      ecluse(['workers', '--config', workersFile, '--stop-with-parent'], facts.mutant),
    ),
  )
  const all = [durable.part, volatile, portal, edge, ...workers]
  const end = async (): Promise<void> => {
    await Promise.all(all.map((one) => one.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all([durable.part.start(), volatile.start()])
    const { url = '', controlUrl = '' } = await portal.start()
    const proxy = await openOriginProxy(Number(new URL(url).port))
    writeFileSync(path('policy.yaml'), stringify(await policyFor(facts)))
    writeFileSync(
      gatewayFile,
      stringify({
        listen: { port: listen },
        operations: { port: operations },
        internal: { port: internal },
        origin: { url: proxy.url },
        redis: { durable: durable.socket, volatile: volatileSocket },
        writes: { requireDurable: facts.appendfsync === 'always' },
        spool: { isPersistent: true },
        keys: { folder: keysFolder },
        policy: { file: path('policy.yaml') },
        drain: { seconds: 1 },
      }),
    )
    writeFileSync(
      workersFile,
      stringify({
        redis: { durable: durable.socket },
        keys: { folder: keysFolder },
        internal: { url: `http://127.0.0.1:${internal}` },
        workers: { concurrency: 16, lockMs, attemptTimeoutMs: 3_000 },
      }),
    )
    await portalCommand(controlUrl, { slowFactor: 0.01 })
    await edge.start()
    await Promise.all(workers.map((worker) => worker.start()))
    return {
      folder,
      url: `http://127.0.0.1:${listen}`,
      operationsUrl: `http://127.0.0.1:${operations}`,
      proxy,
      edge,
      workers,
      durable,
      volatile,
      ledgerFile,
      keysFolder,
      portalFaults: (faults) => portalCommand(controlUrl, faults),
      reattachSpool: () => {
        const from = spoolFolder()
        spools += 1
        mkdirSync(spoolFolder(), { mode: 0o700 })
        renameSync(from, spoolFolder())
      },
      end: async () => {
        proxy.close()
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

function standInFlags(
  ledgerFile: string,
  { keysFolder, outcome }: { readonly keysFolder: string; readonly outcome: string },
): string[] {
  const capacity = ['--database-slots', '1000', '--workers', '2000', '--identity-slots', '1000']
  const dedupes = outcome === 'dedupes' ? 'on' : 'off'
  const contract = ['--ecluse-fields', 'on', '--deduplicate', dedupes]
  const files = ['--ledger', ledgerFile, '--assertion-key-file', join(keysFolder, 'assertion.key')]
  const model = ['--collapse', 'off', '--session-lock', 'off', '--stop-with-parent']
  return ['stand-in', ...capacity, ...contract, ...files, ...model]
}

const dialectFile = fileURLToPath(
  new URL('../../../gateway/dialects/reference.yaml', import.meta.url),
)

/** The reference portal's policy with nothing in the way of writes but what keeps them. */
async function policyFor({ outcome }: WorldFacts): Promise<object> {
  const dialect = parse(await readFile(dialectFile, 'utf8'))
  const off = { 'rate-limit': 'off', 'waiting-room': 'off', cache: 'off', coalescing: 'off' }
  const classes = dialect.classes.map((one: { write?: object }) =>
    one.write === undefined
      ? one
      : { ...one, deadlineMs: 3_000, write: { ...one.write, outcome, backlogMaxSeconds: 86_400 } },
  )
  const gate = { maxInFlight: 512, maxQueued: 4_096, applyShareRatio: 1 }
  return { ...dialect, stages: off, gate, classes }
}

async function portalCommand(controlUrl: string, faults: object): Promise<void> {
  const answer = await fetch(`${controlUrl}/faults`, {
    method: 'POST',
    body: JSON.stringify(faults),
  })
  if (!answer.ok) throw new Error(`the portal refused ${JSON.stringify(faults)}`)
}

/** Ports that were free a moment ago: the edge must come back on the ones it had. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
        ),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** A connection of the harness's own; errors belong to whoever asks. */
export function plainRedis(socket: string): Redis {
  const client = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => 100 })
  client.on('error', () => undefined)
  return client
}
