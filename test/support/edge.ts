import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RequestListener } from 'node:http'
import { type Edge, openEdge } from '../../gateway/edge-process.ts'
import { initKeys, type Keys, loadKeys } from '../../gateway/keys/key-store.ts'
import type { Policy, RouteClass } from '../../gateway/policy/policy.ts'
import { unknownClass } from '../../gateway/policy/policy.ts'
import { type GatewaySettings, readGatewaySettings } from '../../gateway/settings.ts'
import { openGate, openPolicy } from './exchange.ts'
import { openOrigin } from './origin.ts'

export interface TestEdge extends Edge {
  readonly keys: Keys
  readonly folder: string
  readonly keysFolder: string
  /** Lines written for people: faults and audit. */
  readonly lines: readonly string[]
  /** The value of a metric, 0 when it was never recorded. */
  metric(name: string, labels?: string): Promise<number>
  /** Closes the edge and the origin, and removes the keys. */
  closeAll(): Promise<void>
}

/** The real edge on free ports, in front of `answer` or of an origin that is already there. */
export async function openTestEdge(facts: {
  readonly answer?: RequestListener
  readonly originUrl?: string
  readonly policy?: Partial<Policy>
  readonly settings?: Readonly<Record<string, unknown>>
}): Promise<TestEdge> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-test-'))
  const keysFolder = join(folder, 'keys')
  initKeys(keysFolder)
  const origin = facts.answer ? await openOrigin(facts.answer) : undefined
  const lines: string[] = []
  const close = async (): Promise<void> => {
    await origin?.close()
    rmSync(folder, { recursive: true })
  }
  const settings = testSettings({
    'origin.url': origin?.url ?? facts.originUrl,
    'keys.folder': keysFolder,
    ...facts.settings,
  })
  let edge: Edge
  try {
    const policy = { ...plainPolicy, ...facts.policy }
    edge = await openEdge({ settings, policy, log: (line) => lines.push(line) })
  } catch (error) {
    await close()
    throw error
  }
  return {
    ...edge,
    keys: loadKeys(keysFolder),
    folder,
    keysFolder,
    lines,
    metric: (name, labels = '') => readMetric(edge, `${name}${labels}`),
    closeAll: async () => {
      await edge.close()
      await close()
    },
  }
}

/** A route class for tests, with what differs from the unknown class. */
export function routeClass(name: string, changes: Partial<RouteClass>): RouteClass {
  return { ...unknownClass, name, ...changes }
}

/** Only the gate stands between a client and the origin: these tests are about the way through. */
export const plainPolicy: Policy = {
  ...openPolicy,
  stages: {
    cache: 'off',
    coalescing: 'off',
    'waiting-room': 'off',
    'rate-limit': 'off',
    'write-absorption': 'off',
    admission: 'enforce',
  },
  gate: { ...openGate, maxInFlight: 64, maxQueued: 512 },
}

function testSettings(given: Readonly<Record<string, unknown>>): GatewaySettings {
  const reading = readGatewaySettings({
    'listen.port': 0,
    'operations.port': 0,
    'internal.port': 0,
    'drain.seconds': 0,
    'policy.file': 'given as an object',
    ...given,
  })
  if (reading.kind === 'refused') throw new Error(reading.problems.join('\n'))
  return reading.settings as GatewaySettings
}

async function readMetric(edge: Edge, series: string): Promise<number> {
  const text = await (await fetch(`${edge.operationsUrl}/metrics`)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? 0 : Number(line.slice(series.length + 1))
}
