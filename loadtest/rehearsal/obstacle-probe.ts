import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { unreachableBecause } from '../engine/portal-client.ts'
import { readTarget } from '../engine/target.ts'
import { findRedis } from './redis-process.ts'
import type { RehearsalSettings } from './settings.ts'

/** What would make the whole rehearsal useless; better known now than after its minutes. */
export async function obstacle(
  settings: Pick<RehearsalSettings, 'arms' | 'target'>,
  resultsFolder: string,
): Promise<Failure | undefined> {
  try {
    if (settings.target !== undefined) await assertReachable(settings.target)
    if (settings.arms !== 'direct') findRedis()
    await assertWritable(resultsFolder)
    return undefined
  } catch (error) {
    return error as Failure
  }
}

async function assertReachable(text: string): Promise<void> {
  const target = readTarget(text)
  const reason = await unreachableBecause(target)
  if (reason === undefined) return
  const message = `--target: expected a server at ${target.origin}, found none (${reason}).`
  throw new Failure({ code: 'target-unreachable', message, source: 'origin' })
}

/** Makes the folder with its parents, writes a byte into it, and leaves everything as it was. */
async function assertWritable(folder: string): Promise<void> {
  const trial = join(folder, '.trial')
  let made: string | undefined
  try {
    made = await mkdir(folder, { recursive: true })
    await writeFile(trial, '.')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const message = `--out: expected a folder to write to, found ${folder} (${code}); free some space or choose another folder.`
    throw new Failure({ code: 'results-not-written', message, source: 'gateway', cause })
  } finally {
    await rm(made ?? trial, { recursive: true, force: true }).catch(() => undefined)
  }
}
