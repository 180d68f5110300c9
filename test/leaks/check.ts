import type { Ask } from './ask.ts'
import { type Canary, canariesIn, type Identity, isOwn, isPersonal } from './canaries.ts'
import { pageOf } from './page.ts'
import { decodedBody, field, type RawAnswer } from './raw-answer.ts'
import { possibleIdentities } from './session.ts'

/** How an answer reached the one who asked, by what the portal wrote into it. */
export type AnswerKind = 'shared' | 'coalesced' | 'not-modified' | 'private'

export interface Checked {
  /** What is wrong with it, in a sentence; null when it is the asker's to read. */
  readonly problem: string | null
  /** Null when it bears no canary of the asker's own, and counts for nothing. */
  readonly kind: AnswerKind | null
}

/** Is this answer, field by field and byte by byte of its decoded body, for the one who asked? */
export function checkAnswer(ask: Ask, answer: RawAnswer): Checked {
  const found = canariesIn(`${answer.head}\n${decodedBody(answer)}`)
  const readers = readersOf(ask)
  const reader = readers.find((person) => found.every((each) => isOwn(each, person)))
  const problem =
    foreignProblem(found, readers, reader) ??
    mixedUpProblem(ask, found) ??
    cookieProblem(ask, answer, found)
  const isOwnAnswer = reader !== undefined && found.some(isPersonal)
  return { problem, kind: problem === null && isOwnAnswer ? kindOf(ask, answer, found) : null }
}

function readersOf({ change, session, confirmed, user }: Ask): (Identity | null)[] {
  if (change === 'login') return [{ user, school: '', role: '', groups: [] }]
  return session ? possibleIdentities(session, confirmed) : [null]
}

function foreignProblem(
  found: readonly Canary[],
  readers: readonly (Identity | null)[],
  reader: Identity | null | undefined,
): string | null {
  if (reader !== undefined) return null
  const seen = found.filter(isPersonal).map(({ kind, value }) => `${kind} ${value}`)
  return `bears ${seen.join(', ')}; who asked is ${JSON.stringify(readers)}`
}

// An answer to another page, in another language or by another host's name is somebody else's too.
function mixedUpProblem(ask: Ask, found: readonly Canary[]): string | null {
  for (const { kind, value } of found) {
    if (kind === 'at' && value !== pageOf(ask.target).at) return `is the page ${value}`
    if (kind === 'host' && value !== ask.host) return `was made for the host ${value}`
    if (kind === 'lang' && value !== ask.language && !ask.isAmbiguous) {
      return `was made for the language ${value}, not ${ask.language}`
    }
  }
  return null
}

function cookieProblem(ask: Ask, answer: RawAnswer, found: readonly Canary[]): string | null {
  for (const [name, value] of answer.fields) {
    if (name !== 'set-cookie') continue
    const pass = /^__Host-ecluse-pass=v1\.[^.]*\.([^.]*)\./.exec(value)?.[1]
    if (pass === undefined) {
      if (!isFetchedBy(ask, found)) return `sets a cookie that another’s answer set: ${value}`
    } else if (passUser(pass) !== ask.user) return `carries the pass of ${passUser(pass)}`
  }
  return null
}

function passUser(payload: string): string {
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as string[])[1] ?? ''
}

function isFetchedBy(ask: Ask, found: readonly Canary[]): boolean {
  return found.some(({ kind, value }) => kind === 'made-for' && value === String(ask.id))
}

function kindOf(ask: Ask, answer: RawAnswer, found: readonly Canary[]): AnswerKind | null {
  if (answer.status === 304) return 'not-modified'
  if (answer.status !== 200) return null
  if (found.some(({ kind }) => kind === 'user')) return 'private'
  if (isFetchedBy(ask, found)) return null
  const status = field(answer.fields, 'cache-status') ?? ''
  if (status.includes('collapsed')) return 'coalesced'
  return status.includes('; hit') ? 'shared' : null
}
