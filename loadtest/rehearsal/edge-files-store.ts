import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Protection } from './settings.ts'

/** What an edge and its workers are started with. */
export interface EdgeFiles {
  readonly gateway: string
  readonly workers: (internalUrl: string) => Promise<string>
}

export interface EdgeFacts {
  /** The arm's own folder. */
  readonly folder: string
  readonly keysFolder: string
  /** The policy to start from: a dialect of the gateway, as a file. */
  readonly policyFile: string
  readonly originUrl: string
  readonly sockets: { readonly durable: string; readonly volatile: string }
  /** Requests the portal works on at once when it is busy and well; null keeps the policy's own. */
  readonly maxInFlight: number | null
  /** People inside when the run begins, at half of the portal's capacity: they never wait. */
  readonly peopleInside: number
  /** What think times are divided by: the time after which a place inside is given back follows. */
  readonly thinkCompression: number
  readonly off: readonly Protection[]
}

/** Writes the settings and the policy of the edge under rehearsal. */
export async function writeEdgeFiles(facts: EdgeFacts): Promise<EdgeFiles> {
  const { folder, keysFolder, sockets, off } = facts
  const policyFile = join(folder, 'policy.yaml')
  const dialect = parse(await readFile(facts.policyFile, 'utf8')) as DialectPolicy
  await writeFile(policyFile, stringify(rehearsedPolicy(dialect, facts)))
  const gateway = join(folder, 'gateway.yaml')
  const settings = {
    listen: { port: 0 },
    operations: { port: 0 },
    internal: { port: 0 },
    origin: { url: facts.originUrl },
    redis: sockets,
    spool: { folder: join(folder, 'spool'), isPersistent: true },
    writes: { requireDurable: !off.includes('durable-queue') },
    keys: { folder: keysFolder },
    policy: { file: policyFile },
    drain: { seconds: 2 },
    probe: { path: '/schools/s1' },
  }
  await writeFile(gateway, stringify(settings))
  return {
    gateway,
    workers: async (internalUrl) => {
      const workers = join(folder, 'workers.yaml')
      const theirs = {
        redis: { durable: sockets.durable },
        keys: { folder: keysFolder },
        internal: { url: internalUrl },
      }
      await writeFile(workers, stringify(theirs))
      return workers
    },
  }
}

interface DialectPolicy {
  readonly gate: Readonly<Record<string, unknown>>
  readonly waitingRoom: Readonly<Record<string, number>> & { readonly idleSeconds: number }
  readonly [key: string]: unknown
}

/** The dialect's policy, pinned to the portal's capacity and with protections off as asked. */
function rehearsedPolicy(dialect: DialectPolicy, facts: EdgeFacts): unknown {
  const { maxInFlight, thinkCompression, off } = facts
  const stages = Object.fromEntries(
    off.filter((name) => policyStages.has(name)).map((name) => [name, 'off']),
  )
  const gate = maxInFlight === null ? dialect.gate : sizedGate(dialect.gate, maxInFlight)
  const idleSeconds = Math.max(1, Math.round(dialect.waitingRoom.idleSeconds / thinkCompression))
  const waitingRoom = { ...dialect.waitingRoom, idleSeconds, minInside: facts.peopleInside }
  return { ...dialect, stages, gate, waitingRoom }
}

/** A line as long as two seconds of work: longer ones only hold what will be too late. */
function sizedGate(gate: DialectPolicy['gate'], maxInFlight: number): DialectPolicy['gate'] {
  const logins = Math.ceil(maxInFlight / 2)
  const identityProvider = { maxInFlight: logins, maxQueued: logins * 20 }
  return { ...gate, maxInFlight, maxQueued: maxInFlight * 20, identityProvider }
}

const policyStages: ReadonlySet<Protection> = new Set([
  'cache',
  'coalescing',
  'waiting-room',
  'rate-limit',
  'write-absorption',
  'admission',
])
