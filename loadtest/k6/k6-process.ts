import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { Failure } from '../../core/failure.ts'
import { type K6Run, type K6Session } from './k6-export.ts'
import { type K6Point, readPoint } from './k6-points.ts'
import { testRunManifest } from './test-run-manifest.ts'

const script = join(import.meta.dirname, '../../scenarios/k6/replay-client.ts')

/** Writes what k6 needs into `folder`: script, run, sessions and the operator's manifest. */
export async function writeK6Folder(
  folder: string,
  facts: {
    readonly run: K6Run
    readonly sessions: readonly K6Session[]
    readonly name: string
    readonly segments: number
  },
): Promise<void> {
  const { run, sessions, name, segments } = facts
  try {
    await mkdir(folder, { recursive: true })
    await copyFile(script, join(folder, 'replay.ts'))
    await writeFile(join(folder, 'run.json'), JSON.stringify(run))
    await writeFile(join(folder, 'sessions.json'), JSON.stringify(sessions))
    const manifest = testRunManifest({ name, segments, vus: run.vus })
    await writeFile(join(folder, 'testrun.yaml'), manifest)
  } catch (cause) {
    throw failure('export-not-written', `--out: expected a folder that can be written`, cause)
  }
}

/**
 * Runs the k6 on the path and resolves to its points. k6's own thresholds may fail: the verdict
 * is ours. Fails with `runner-missing` when there is none, `runner-failed` when it breaks.
 */
export async function runK6(ask: {
  readonly folder: string
  readonly target: string
  readonly runId: string
  readonly signal: AbortSignal
}): Promise<string> {
  const points = join(ask.folder, 'points.csv.gz')
  const options = ['--quiet', '--no-usage-report', '--system-tags', 'status']
  const variables = ['-e', `BASE_URL=${ask.target}`, '-e', `RUN_ID=${ask.runId}`]
  const child = spawn(
    'k6',
    ['run', ...options, '--out', `csv=${points}`, ...variables, 'replay.ts'],
    {
      cwd: ask.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, K6_CSV_TIME_FORMAT: 'unix_milli', K6_NO_COLOR: 'true' },
    },
  )
  const stop = (): void => void child.kill('SIGINT')
  ask.signal.addEventListener('abort', stop, { once: true })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000)
  })
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    // 99: a threshold of its own was crossed; 105: stopped by a signal of ours.
    if (code !== 0 && code !== 99 && code !== 105) {
      throw failure(
        'runner-failed',
        `k6 run: expected exit code 0 or 99, found ${code}: ${said.trim()}`,
      )
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw failure(
      'runner-missing',
      '--run: expected k6 2 on the path, found none; go install it',
      error,
    )
  } finally {
    ask.signal.removeEventListener('abort', stop)
  }
  return points
}

/** Reads points of k6, packed or plain, one after another. */
export async function readPoints(file: string, onPoint: (point: K6Point) => void): Promise<void> {
  const raw = createReadStream(file)
  const text = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw
  raw.on('error', (error) => text.destroy(error))
  try {
    for await (const line of createInterface({
      input: text,
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      const point = readPoint(line)
      if (point !== undefined) onPoint(point)
    }
  } catch (cause) {
    throw failure(
      'points-unreadable',
      `--results: expected the CSV points of k6, found ${file}`,
      cause,
    )
  }
}

function failure(code: string, message: string, cause?: unknown): Failure {
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new Failure({ code, message: `${message}${why}.`, source: 'client', cause })
}
