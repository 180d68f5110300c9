import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '../../core/failure.ts'
import type { Contender } from './contenders-process.ts'
import type { Round } from './rounds.ts'
import { loadCore } from './server-process.ts'
import { type Ask, browserLines, cookieOf } from './traffic.ts'

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

/** Writes the requests down for wrk, and gives the file. */
export function wrkFile(folder: string, name: string, asks: readonly Ask[]): string {
  const file = join(folder, `${name}.asks`)
  const lines = asks.map((ask) => `${ask.target} ${cookieOf(ask)}`)
  writeFileSync(file, [browserLines.replaceAll('\r\n', '\\r\\n'), ...lines, ''].join('\n'))
  return file
}

/** 64 connections as fast as they go, for so long; fails when a request did. */
export async function wrkRound(to: Contender, asksFile: string, seconds: number): Promise<Round> {
  const url = `http://127.0.0.1:${to.port}`
  const pinned = ['-c', String(loadCore), 'wrk', '-t1', '-c64', `-d${seconds}s`, '--latency']
  const beforeNs = to.server.coreNs()
  const child = spawn('taskset', [...pinned, '-s', script, url, '--', asksFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [text] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    once(child, 'exit'),
  ])
  const coreNs = to.server.coreNs() - beforeNs
  const line = /^FIGURES (.*)$/m.exec(text.join(''))?.[1]
  const found = line === undefined ? null : (JSON.parse(line) as WrkFigures)
  if (found === null || found.errors > 0) {
    const message = `wrk against ${to.name}: expected figures without errors, found ${line ?? text.join('')}`
    throw new Failure({ code: 'not-measured', message, source: 'gateway' })
  }
  return {
    requestsPerSecond: (found.requests * 1e6) / found.durationUs,
    p50Ms: found.p50Us / 1000,
    p99Ms: found.p99Us / 1000,
    residentMb: to.server.residentMb(),
    coreUs: coreNs / 1000 / found.requests,
  }
}

interface WrkFigures {
  readonly requests: number
  readonly durationUs: number
  readonly p50Us: number
  readonly p99Us: number
  readonly errors: number
}
