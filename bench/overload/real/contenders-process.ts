import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Contender, openEdge, startNginx } from '../../cache/contenders-process.ts'
import {
  freePort,
  loadCore,
  type PinnedServer,
  ready,
  serverCore,
  startPinned,
} from '../../cache/server-process.ts'

/** What stands before the portal: nothing, or one of those that people put there. */
export const contenderNames = ['nothing', 'nginx', 'stock Fastify', 'Écluse'] as const
export type ContenderName = (typeof contenderNames)[number]

/** The model portal, started as people do. */
export interface RealOrigin {
  readonly url: string
  readonly controlUrl: string
  readonly server: PinnedServer
}

/** Database slots of the portal: what it can do is known, and told to everybody but the edge. */
export const databaseSlots = 8
/** Requests at once that keep it busy with a short line of its own. */
const knownSlots = 16

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const bin = path('../../../bin/ecluse')

export async function openOrigin(folder: string): Promise<RealOrigin> {
  const server = startPinned('stand-in', loadCore, [
    process.execPath,
    bin,
    'stand-in',
    '--ledger',
    join(folder, 'ledger'),
    '--database-slots',
    String(databaseSlots),
    // Logging people in is no part of what is measured.
    '--identity-slots',
    '1000',
  ])
  const { url, controlUrl } = await readyLine(server)
  return { url: url as string, controlUrl: controlUrl as string, server }
}

/** Tells the portal what is wrong with it from now on. */
export async function setFaults(origin: RealOrigin, faults: object): Promise<void> {
  const answer = await fetch(`${origin.controlUrl}/faults`, {
    method: 'POST',
    body: JSON.stringify(faults),
  })
  await answer.arrayBuffer()
}

/** Starts one of them before the portal; null for nothing. */
export async function openContender(
  name: ContenderName,
  folder: string,
  origin: RealOrigin,
): Promise<Contender | null> {
  const originPort = Number(new URL(origin.url).port)
  mkdirSync(folder, { recursive: true })
  switch (name) {
    case 'nothing':
      return null
    case 'nginx': {
      const port = await freePort()
      const ports = { ORIGIN_PORT: originPort, PORT: port, SLOTS: knownSlots }
      const server = await startNginx({ folder, conf: path('nginx.conf'), core: serverCore, ports })
      return { name, port, server }
    }
    case 'stock Fastify': {
      const server = startPinned(name, serverCore, [
        process.execPath,
        path('../stock/main.ts'),
        origin.url,
        String(knownSlots),
      ])
      const { url } = await readyLine(server)
      return { name, port: Number(new URL(url as string).port), server }
    }
    case 'Écluse':
      return openEdge(folder, origin.url, { 'policy.file': path('policy.yaml') })
  }
}

async function readyLine(server: PinnedServer): Promise<Readonly<Record<string, string>>> {
  const line = (): string | undefined => /^\{"event":"ready".*$/m.exec(server.printed())?.[0]
  try {
    await ready(server, async () => line() !== undefined)
  } catch (error) {
    await server.end()
    throw error
  }
  return JSON.parse(line() as string) as Record<string, string>
}
