import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { headOf } from './keepalive-client.ts'
import {
  freePort,
  loadCore,
  type PinnedServer,
  ready,
  serverCore,
  startPinned,
} from './server-process.ts'

/** Somebody to send requests to. */
export interface Contender {
  readonly name: string
  readonly port: number
  readonly server: PinnedServer
}

/** nginx with and without its lock, and the edge, in front of the same origin. */
export interface Field {
  readonly edge: Contender
  readonly nginx: Contender
  readonly lockedNginx: Contender
  end(): Promise<void>
}

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Starts the origin beside the load, and every contender on the servers' core. */
export async function openField(folder: string): Promise<Field> {
  const originPort = await freePort()
  const origin = await startNginx({
    folder,
    conf: path('origin.conf'),
    core: loadCore,
    ports: { ORIGIN_PORT: originPort },
  })
  const started: PinnedServer[] = [origin]
  try {
    const ports = { ORIGIN_PORT: originPort, PORT: await freePort(), LOCK_PORT: await freePort() }
    const server = await startNginx({ folder, conf: path('nginx.conf'), core: serverCore, ports })
    started.push(server)
    const edge = await openEdge(folder, `http://127.0.0.1:${originPort}`)
    started.push(edge.server)
    return {
      edge,
      nginx: { name: 'nginx', port: ports.PORT, server },
      lockedNginx: { name: 'nginx, cache lock', port: ports.LOCK_PORT, server },
      end: () => endAll(started),
    }
  } catch (error) {
    await endAll(started)
    throw error
  }
}

/** Starts the edge as people do, with the settings it ships with, `more` aside. */
export async function openEdge(
  folder: string,
  originUrl: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  const bin = path('../../bin/ecluse')
  const keys = join(folder, 'keys')
  spawnSync(process.execPath, [bin, 'keys', 'init', keys], { stdio: 'ignore' })
  const settings = {
    'listen.port': '0',
    'operations.port': '0',
    'internal.port': '0',
    'origin.url': originUrl,
    'keys.folder': keys,
    'policy.file': path('policy.yaml'),
    // As much memory for answers as nginx has: enough for all of them.
    'cache.maxBytes': String(512 * 1024 * 1024),
    'drain.seconds': '0',
    ...more,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const server = startPinned('edge', serverCore, [process.execPath, bin, 'gateway', ...flags])
  const line = (): string | undefined => /^\{"event":"ready".*$/m.exec(server.printed())?.[0]
  await ready(server, async () => line() !== undefined).catch(async (error: unknown) => {
    await server.end()
    throw error
  })
  const { url } = JSON.parse(line() as string) as { url: string }
  return { name: 'Écluse', port: Number(new URL(url).port), server }
}

/** Starts nginx; `conf` is a file with {{NAMES}} that are filled in. */
export async function startNginx(facts: {
  readonly folder: string
  readonly conf: string
  readonly core: number
  readonly ports: Readonly<Record<string, number>>
}): Promise<PinnedServer> {
  const { folder, ports } = facts
  writeFiles(folder)
  const values: Record<string, string | number> = { FOLDER: folder, ...ports }
  const template = readFileSync(facts.conf, 'utf8')
  const conf = join(folder, basename(facts.conf))
  const text = template.replaceAll(/\{\{([A-Z_]+)\}\}/g, (whole, name) =>
    String(values[name] ?? whole),
  )
  // As root it would give its workers to somebody who may not read the folder.
  writeFileSync(conf, process.getuid?.() === 0 ? `user root;\n${text}` : text)
  const server = startPinned('nginx', facts.core, ['/usr/sbin/nginx', '-p', folder, '-c', conf])
  const port = ports['PORT'] ?? ports['ORIGIN_PORT'] ?? 0
  await ready(server, async () => (await headOf(port, '/').catch(() => '')) !== '')
  return server
}

function writeFiles(folder: string): void {
  const files = join(folder, 'files')
  mkdirSync(files, { recursive: true })
  writeFileSync(join(files, '2k.css'), 'a{color:#123}\n'.repeat(200).slice(0, 2048))
  writeFileSync(
    join(files, '2k.html'),
    `<!doctype html>${'<p>un mot</p>'.repeat(200)}`.slice(0, 2048),
  )
  writeFileSync(join(files, '20k.css'), 'b{color:#456}\n'.repeat(2000).slice(0, 20_480))
}

async function endAll(servers: readonly PinnedServer[]): Promise<void> {
  for (const server of servers.toReversed()) await server.end()
}
