import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { Failure } from '../../core/failure.ts'
import type { Result } from './result.ts'
import schema from './result.schema.json' with { type: 'json' }
import { resultFile, viewsOf } from './views.ts'

/** Either a result, or the reason why the file is none. */
export type ResultReading =
  | { readonly kind: 'ok'; readonly result: Result }
  | { readonly kind: 'refused'; readonly problem: string }

/**
 * Writes `result.json` and its views into `folder`, which is made if need be. Every file is
 * complete under another name before the first takes its own, so that a full disk leaves no half
 * report and keeps the one before. Throws `results-not-written`.
 */
export async function writeResults(folder: string, result: Result): Promise<void> {
  await writeTogether(folder, {
    ...viewsOf(result),
    [resultFile]: `${JSON.stringify(result, null, 2)}\n`,
  })
}

/** Writes the views of a result that is already in `folder` again. Throws as `writeResults`. */
export async function rewriteViews(folder: string, result: Result): Promise<void> {
  await writeTogether(folder, viewsOf(result))
}

/** Reads and checks `folder/result.json`; a broken file is refused by the JSON path at fault. */
export async function readResult(folder: string): Promise<ResultReading> {
  const path = join(folder, resultFile)
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    const found = error instanceof SyntaxError ? 'text that is no JSON' : errorCode(error)
    return refused(
      `${path}: expected the result of a run, found ${found}; choose a results folder.`,
    )
  }
  return checkResult(value, path)
}

/** Checks a value against the published schema; `path` names it in the problem. */
export function checkResult(value: unknown, path: string): ResultReading {
  if (isResult(value)) return { kind: 'ok', result: value }
  const error = isResult.errors?.[0]
  const place = error === undefined ? '' : jsonPath(error)
  return refused(`${path}: ${place}: ${error?.message ?? 'does not fit the schema'}.`)
}

const isResult = new Ajv2020({ allErrors: false, allowUnionTypes: true }).compile<Result>(schema)

async function writeTogether(folder: string, files: Readonly<Record<string, string>>) {
  const names = Object.keys(files)
  const partial = (name: string): string => join(folder, `.${name}.partial`)
  try {
    await mkdir(folder, { recursive: true })
    for (const name of names) await writeDurably(partial(name), files[name] as string)
    for (const name of names) await rename(partial(name), join(folder, name))
  } catch (cause) {
    // Best effort: the disk that refused a file may refuse this too, and the cause says more.
    await Promise.allSettled(names.map((name) => rm(partial(name), { force: true })))
    throw new Failure({
      code: 'results-not-written',
      message: `Expected to write the results into ${folder}, found ${errorCode(cause)}; free some space or choose another folder with --out.`,
      source: 'gateway',
      cause,
    })
  }
}

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(content)
    await file.datasync()
  } finally {
    await file.close()
  }
}

function refused(problem: string): ResultReading {
  return { kind: 'refused', problem }
}

function jsonPath(error: ErrorObject): string {
  const unknown: unknown = error.params['additionalProperty']
  const at = error.instancePath.slice(1).replaceAll('/', '.')
  const name =
    typeof unknown === 'string' ? [at, unknown].filter((part) => part !== '').join('.') : at
  return name === '' ? 'the whole file' : name
}

function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : String(error)
}
