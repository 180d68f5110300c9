import { spawnSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { stringify } from 'yaml'
import { writeFileSync } from 'node:fs'
import {
  loadCore,
  type PinnedServer,
  ready,
  serverCore,
  startPinned,
} from '../cache/server-process.ts'

/** An edge that absorbs, on a core of its own. */
export interface AbsorbingEdge {
  readonly port: number
  readonly internalUrl: string
  readonly server: PinnedServer
}

/** A durable Redis beside the load, and a portal that applies at once. */
export interface WriteField {
  readonly redis: Redis
  readonly redisServer: PinnedServer
  readonly redisSocket: string
  /** How many writes the portal has applied. */
  applied(): number
  /** A bare server that adds to BullMQ. */
  openBareServer(): Promise<{ readonly port: number; readonly server: PinnedServer }>
  /** With a queue, or with its spool alone because its queue is not there. */
  openEdge(road: 'queue' | 'local'): Promise<AbsorbingEdge>
  openWorker(edge: AbsorbingEdge): Promise<PinnedServer>
  end(): Promise<void>
}

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const bin = path('../../bin/ecluse')

export async function openWriteField(folder: string): Promise<WriteField> {
  const redisSocket = join(folder, 'redis.sock')
  const redisServer = await startRedis(folder, redisSocket)
  const redis = new Redis({ path: redisSocket })
  let applied = 0
  const portal = await openPortal(() => (applied += 1))
  const { port } = portal.address() as AddressInfo
  const keysFolder = join(folder, 'keys')
  spawnSync(process.execPath, [bin, 'keys', 'init', keysFolder], { stdio: 'ignore' })
  const started: PinnedServer[] = [redisServer]
  const start = async (name: string, parameters: readonly string[]): Promise<PinnedServer> => {
    const server = startPinned(name, serverCore, [process.execPath, bin, ...parameters])
    started.push(server)
    await ready(server, async () => readyLine(server) !== undefined)
    return server
  }
  return {
    redis,
    redisServer,
    redisSocket,
    applied: () => applied,
    openBareServer: () => bareServer(redisSocket, started),
    openEdge: async (road) => {
      const settings = {
        ...edgeSettings,
        origin: { url: `http://127.0.0.1:${port}` },
        keys: { folder: keysFolder },
        redis: { durable: road === 'queue' ? redisSocket : join(folder, 'nobody.sock') },
        spool: { folder: join(folder, `spool-${road}`), isPersistent: true },
      }
      const file = join(folder, `gateway-${road}.yaml`)
      writeFileSync(file, stringify(settings))
      const server = await start('edge', ['gateway', '--config', file])
      const { internalUrl } = JSON.parse(readyLine(server) as string) as ReadyLine
      return { port: portOf(server), internalUrl, server }
    },
    openWorker: async ({ internalUrl }) => {
      const file = join(folder, 'workers.yaml')
      const [redis, keys] = [{ durable: redisSocket }, { folder: keysFolder }]
      writeFileSync(file, stringify({ redis, keys, internal: { url: internalUrl } }))
      return start('worker', ['workers', '--config', file])
    },
    end: async () => {
      redis.disconnect()
      portal.closeAllConnections()
      portal.close()
      for (const server of started.toReversed()) await server.end()
    },
  }
}

async function bareServer(redisSocket: string, started: PinnedServer[]) {
  const file = fileURLToPath(new URL('./bullmq-server-process.ts', import.meta.url))
  const command = [process.execPath, file, redisSocket] as const
  const server = startPinned('bare server', serverCore, command)
  started.push(server)
  await ready(server, async () => readyLine(server) !== undefined)
  return { port: portOf(server), server }
}

const edgeSettings = {
  listen: { port: 0 },
  operations: { port: 0 },
  internal: { port: 0 },
  policy: { file: path('policy.yaml') },
  drain: { seconds: 0 },
}

async function startRedis(folder: string, socket: string): Promise<PinnedServer> {
  const place = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '']
  const durability = ['--appendonly', 'yes', '--appendfsync', 'always']
  // A rewrite of the log would take the core that the load runs on.
  const rest = ['--auto-aof-rewrite-percentage', '0', '--maxmemory-policy', 'noeviction']
  const command = ['redis-server', ...place, ...durability, ...rest] as const
  const server = startPinned('redis-server', loadCore, command)
  await ready(server, async () => /ready to accept/i.test(server.printed()))
  return server
}

interface ReadyLine {
  readonly url: string
  readonly internalUrl: string
}

function readyLine(server: PinnedServer): string | undefined {
  return /^\{"event":"ready".*$/m.exec(server.printed())?.[0]
}

function portOf(server: PinnedServer): number {
  return Number(new URL((JSON.parse(readyLine(server) as string) as ReadyLine).url).port)
}

/** Says whose session it is at login, and that a write is applied. */
async function openPortal(onApplied: () => void): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume()
    const user = /^\/login\?(\w+)$/.exec(request.url ?? '')?.[1]
    if (user === undefined) {
      onApplied()
      response.writeHead(201, { 'content-length': 0 }).end()
      return
    }
    const identity = `user="${user}", school="s${Number(user.slice(1)) % 50}", role="pupil"`
    const headers = { 'set-cookie': `PORTALSESSION=${user}`, 'ecluse-identity': identity }
    response.writeHead(200, { ...headers, 'content-length': 0 }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
