import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'

/** A temporary folder that is gone when we are, however we end. */
export interface OwnFolder {
  readonly path: string
  remove(): Promise<void>
}

const mib = 1024 ** 2
/** The queue's log and the ledger of a full-scale hour, with room. */
const freeMinBytes = 64 * mib

/**
 * Waits for the end of its input, which is ours too if we are killed, then removes the folder.
 * The parts end by themselves at that moment and may still write; hence more than one attempt.
 */
const caretaker =
  'cat; for attempt in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1"; sleep 1; [ -e "$1" ] || exit 0; done'

/** Makes the folder; fails with `folder-unusable` when there is no room for it. */
export async function openOwnFolder(): Promise<OwnFolder> {
  const path = await makeFolder()
  const child = spawn('sh', ['-c', caretaker, 'sh', path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const gone = once(child, 'exit')
  // Without a caretaker only a kill -9 of ours would leave the folder; that is no reason to stop.
  gone.catch(() => undefined)
  child.stdin.on('error', () => undefined)
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 5 })
      // It has nothing left to do, and waits for nothing but us.
      child.kill('SIGTERM')
      child.stdin.end()
      await gone.catch(() => undefined)
    },
  }
}

async function makeFolder(): Promise<string> {
  const parent = tmpdir()
  try {
    const { bavail, bsize } = await statfs(parent)
    if (bavail * bsize < freeMinBytes) {
      throw unusable(`${Math.floor((bavail * bsize) / mib)} MiB free in ${parent}`)
    }
    return await mkdtemp(join(parent, 'ecluse-rehearsal-'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code === 'folder-unusable' ? error : unusable(`${parent} (${code})`, error)
  }
}

function unusable(found: string, cause?: unknown): Failure {
  return new Failure({
    code: 'folder-unusable',
    message: `TMPDIR: expected a folder to write to with ${freeMinBytes / mib} MiB free, found ${found}; free some space or set TMPDIR to another folder.`,
    source: 'gateway',
    cause,
  })
}
