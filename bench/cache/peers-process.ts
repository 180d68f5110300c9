import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Failure } from '../../core/failure.ts'

const programs = [
  { file: 'nginx', apt: 'nginx-light' },
  { file: 'wrk', apt: 'wrk' },
  { file: 'taskset', apt: 'util-linux' },
] as const

/** Finds what the bench measures with and against, and installs what is missing where it may. */
export function installPeers(say: (line: string) => void): void {
  for (const { file, apt } of programs) {
    if (isThere(file)) continue
    say(`installing ${apt} with apt-get`)
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', apt], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    // Debian starts a service that it installs; we came for the program alone.
    if (file === 'nginx' && existsSync('/run/systemd/system'))
      spawnSync('systemctl', ['disable', '--now', 'nginx'], { stdio: 'ignore' })
    if (!isThere(file)) throw missing(file, apt)
  }
}

function isThere(file: string): boolean {
  // Debian keeps servers where only root looks by default.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return folders.some((folder) => folder !== '' && existsSync(join(folder, file)))
}

function missing(file: string, apt: string): Failure {
  return new Failure({
    code: 'program-missing',
    message: `expected ${file} on this machine, found none. Type: sudo apt-get install -y ${apt}`,
    source: 'gateway',
  })
}
