import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Failure } from '../../core/failure.ts'
import { isOperatorName, type OperatorToken, type Role } from './operators.ts'

const fileName = 'operators.json'

const document = z.array(
  z.strictObject({
    name: z.string().refine(isOperatorName),
    role: z.enum(['view', 'act']),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
)

/** The operators of a keys folder; none without a file. Fails with `operators-unreadable`. */
export function readOperators(folder: string): readonly OperatorToken[] {
  const file = join(folder, fileName)
  if (!existsSync(file)) return []
  try {
    return document.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    const message = `keys.folder: expected operators made by "ecluse keys operator" in ${file}, found something else.`
    throw new Failure({ code: 'operators-unreadable', message, source: 'gateway', cause })
  }
}

/** Makes a token for `name`, in the place of an earlier one, and returns it: it is kept nowhere. */
export function addOperator(folder: string, name: string, role: Role): string {
  const token = randomBytes(32).toString('base64url')
  const others = readOperators(folder).filter((operator) => operator.name !== name)
  write(folder, [...others, { name, role, sha256: tokenSha256(token) }])
  return token
}

/** Takes the token of `name` away; false when there is none. */
export function removeOperator(folder: string, name: string): boolean {
  const all = readOperators(folder)
  const others = all.filter((operator) => operator.name !== name)
  if (others.length === all.length) return false
  write(folder, others)
  return true
}

/** SHA-256 in hex. Tokens are 256 random bits, so that a plain hash is enough. */
export function tokenSha256(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function write(folder: string, operators: readonly OperatorToken[]): void {
  const file = join(folder, fileName)
  const text = `${JSON.stringify(operators, null, 2)}\n`
  writeFileSync(`${file}.partial`, text, { mode: 0o600, flush: true })
  renameSync(`${file}.partial`, file)
}
