import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '../../core/failure.ts'
import {
  freePort,
  type PinnedServer,
  ready,
  serverCore,
  startPinned,
} from '../cache/server-process.ts'
import { isThere } from './clients-process.ts'

/** A server on the servers' core, and its address. */
export interface Served {
  readonly target: string
  readonly server: PinnedServer
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** nginx that answers 2 kB from memory, faster than any client on one core asks. */
export async function fastServer(folder: string): Promise<Served> {
  const port = await freePort()
  const items = Array.from({ length: 20 }, (_, id) => `{"id":${id},"title":"${'x'.repeat(80)}"}`)
  const text = readFileSync(here('nginx.conf'), 'utf8')
    .replaceAll('{{FOLDER}}', folder)
    .replaceAll('{{PORT}}', String(port))
    .replaceAll('{{ITEMS}}', items.join(','))
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, text)
  const command = ['/usr/sbin/nginx', '-p', folder, '-c', file] as const
  const server = startPinned('nginx', serverCore, command)
  const target = `http://127.0.0.1:${port}`
  await ready(server, () => answers(target))
  return { target, server }
}

/** The server whose times are known. */
export async function knownServer(): Promise<Served> {
  const command = [process.execPath, here('known-portal-process.ts')] as const
  const server = startPinned('the known portal', serverCore, command)
  await ready(server, async () => /^port \d+$/m.test(server.printed()))
  const port = /^port (\d+)$/m.exec(server.printed())?.[1]
  return { target: `http://127.0.0.1:${port}`, server }
}

const fromApt = [
  { file: 'nginx', apt: 'nginx-light' },
  { file: 'wrk', apt: 'wrk' },
  { file: 'hey', apt: 'hey' },
  { file: 'taskset', apt: 'util-linux' },
] as const
const autocannon = 'autocannon@9.0.0'

/** Installs what is missing: programs with apt-get, autocannon into `folder`. k6 is optional. */
export function installTools(folder: string, say: (line: string) => void): void {
  for (const { file, apt } of fromApt) {
    if (isThere(file)) continue
    say(`installing ${apt} with apt-get`)
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', apt])
    if (!isThere(file)) throw missing(file, `sudo apt-get install -y ${apt}`)
  }
  say(`installing ${autocannon} into a temporary folder`)
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--silent']
  if (run('npm', ['install', ...quiet, '--prefix', folder, autocannon]) !== 0) {
    throw missing('autocannon', `npm install ${autocannon}`)
  }
}

function run(command: string, parameters: readonly string[]): number | null {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command, parameters, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status
}

async function answers(target: string): Promise<boolean> {
  try {
    return (await fetch(`${target}/page`)).ok
  } catch {
    // Not yet.
    return false
  }
}

function missing(file: string, type: string): Failure {
  const message = `expected ${file} on this machine, found none. Type: ${type}`
  return new Failure({ code: 'program-missing', message, source: 'gateway' })
}
