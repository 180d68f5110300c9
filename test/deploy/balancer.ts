import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** Host and port of the parts, `127.0.0.1:8080`. */
export interface Addresses {
  readonly front: string
  readonly edges: readonly [string, string]
  readonly portal: string
}

const file = (name: string): string =>
  fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url))

/** HAProxy with the configuration this repository offers, on these addresses. */
export async function startHaproxy(t: Test, addresses: Addresses): Promise<void> {
  const config = file('haproxy/haproxy.cfg')
  const env = {
    ...process.env,
    ECLUSE_CONNECTIONS: '1000',
    ECLUSE_FRONT: addresses.front,
    ECLUSE_EDGE_1: addresses.edges[0],
    ECLUSE_EDGE_2: addresses.edges[1],
    ECLUSE_PORTAL: addresses.portal,
  }
  const check = spawnSync('haproxy', ['-c', '-f', config], { env, encoding: 'utf8' })
  if (check.status !== 0) throw new Error(check.stderr)
  const warnings = check.stderr.split('\n').filter((line) => line.includes('WARNING'))
  if (warnings.length > 0) throw new Error(warnings.join('\n'))
  await started(t, { command: 'haproxy', parameters: ['-f', config], env, addresses })
}

/** nginx with the configuration this repository offers, its addresses replaced by these. */
export async function startNginx(t: Test, addresses: Addresses): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-nginx-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const offered = readFileSync(file('nginx/ecluse.conf'), 'utf8')
  const placed = offered
    .replace('127.0.0.1:8000', addresses.front)
    .replace('127.0.0.1:8080', addresses.edges[0])
    .replace('127.0.0.1:8180', addresses.edges[1])
    .replace('127.0.0.1:8090', addresses.portal)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  const whole = [
    'daemon off; master_process off; error_log stderr warn;',
    `pid ${folder}/pid; events {}`,
    `http { access_log off; ${paths}\n${placed} }`,
  ].join('\n')
  const config = join(folder, 'nginx.conf')
  writeFileSync(config, whole)
  const parameters = ['-p', folder, '-c', config, '-e', join(folder, 'error.log')]
  await started(t, { command: 'nginx', parameters, env: process.env, addresses })
}

/** An address that is free at the moment. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `127.0.0.1:${port}`
}

async function started(
  t: Test,
  facts: {
    readonly command: string
    readonly parameters: readonly string[]
    readonly env: NodeJS.ProcessEnv
    readonly addresses: Addresses
  },
): Promise<void> {
  const child = spawn(facts.command, facts.parameters, { env: facts.env, stdio: 'ignore' })
  t.teardown(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const [host, port] = facts.addresses.front.split(':')
  for (let round = 0; round < 100; round += 1) {
    const socket = connect(Number(port), host)
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await delay(50)
  }
  throw new Error(`${facts.command} takes no connection at ${facts.addresses.front}`)
}
