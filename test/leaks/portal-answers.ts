import type { IncomingHttpHeaders } from 'node:http'
import type { RandomStream } from '../../core/random.ts'
import { canary, type Identity } from './canaries.ts'
import { audiences, type Page } from './page.ts'
import { oneOf } from './people.ts'

export interface Written {
  readonly status: number
  readonly lines: readonly string[]
  readonly text: string
}

interface Asked {
  readonly page: Page
  readonly person: Identity | null
  readonly headers: IncomingHttpHeaders
  readonly version: number
  readonly random: RandomStream
}

/** Ways to say, on a page that its class shares, that this one answer is the asker's alone. */
const ownMarks: readonly (readonly string[])[] = [
  ['Set-Cookie', 'theme=dark; Path=/'],
  ['Cache-Control', 'no-store'],
  ['Cache-Control', 'max-age=60, no-store'],
  ['Ecluse-Cache-Control', 'private'],
  ['Ecluse-Cache-Control', 'no-store', 'Cache-Control', 'public, max-age=60'],
  ['CDN-Cache-Control', 'no-store'],
  ['CDN-Cache-Control', 'max-age=60, private'],
  ['Ecluse-Audience', 'user'],
  ['Ecluse-Audience', 'everybody'],
  ['Ecluse-Audience', 'public, school'],
  ['Vary', '*'],
  ['Vary', 'Cookie'],
  ['Vary', 'Accept-Encoding, X-Forwarded-For'],
  ['Vary', 'Accept-Language', 'Vary', 'Cookie'],
]

/** The same, where a public class obeys the plain field: as found in the caches' own mistakes. */
const publicOwnMarks: readonly (readonly string[])[] = [
  ['Cache-Control', 'private'],
  ['Cache-Control', 'max-age=60', 'Cache-Control', 'private'],
  ['Cache-Control', 'PRIVATE, max-age=60'],
  ['Cache-Control', 'private="", max-age=60'],
  ['Cache-Control', 'private=" authorization", max-age=60'],
  ['Cache-Control', 'no-cache ="x", max-age=60'],
  ['Cache-Control', 'max-age=60;private'],
  ['Cache-Control', 'max-age=60, private="set-cookie'],
  ['Cache-Control', 'public, max-age="60", no-cache'],
  ['Pragma', 'no-cache'],
]

/** The answer to a read: mostly what its audience shares; sometimes the asker's own, or trouble. */
export function sharedAnswer(asked: Asked): Written {
  const { page, person, random } = asked
  const audience = audiences[page.kind] ?? toldAudience(page)
  const isForPeople = audience !== 'public'
  if (isForPeople && person === null) return elsewhere('/auth/login')
  if (audience === 'group' && page.group !== null && !person?.groups.includes(page.group)) {
    return { status: 403, lines: plain, text: '' }
  }
  const draw = random.next()
  if (draw < 0.015) return { status: 503, lines: plain, text: '' }
  if (person !== null && draw < 0.03) return elsewhere(`/profile?${canary('user', person.user)}`)
  if (person !== null && audience !== 'user' && draw < 0.07) {
    const marks = audience === 'public' && draw < 0.05 ? publicOwnMarks : ownMarks
    return ownAnswer({ ...asked, status: draw < 0.032 ? 404 : 200, marks: oneOf(marks, random) })
  }
  return audience === 'user' ? ownAnswer({ ...asked, status: 200 }) : groupAnswer(asked)
}

/** An answer for one person alone. */
export function ownAnswer(
  asked: Asked & { readonly status: number; readonly marks?: readonly string[] },
): Written {
  const { page, person, marks } = asked
  const owner = person === null ? 'nobody' : ownerMarks(page, person)
  const text = `${owner} ${canary('at', page.at)}`
  const tag = `"${owner}v${asked.version}"`
  // A page of one's own that claims to be everybody's: without a declared audience it is not.
  const claim = asked.version % 2 === 0 ? 'private, no-cache' : 'public, max-age=600'
  const lines = [...plain, 'ETag', tag, ...(marks ?? ['Cache-Control', claim])]
  return {
    ...orNotModified(asked, tag, lines),
    ...(asked.status === 200 ? {} : { status: asked.status }),
    text,
  }
}

// The feed says where one belongs: after a change of school the one from before is foreign.
function ownerMarks({ kind }: Page, { user, school, role }: Identity): string {
  const one = canary('user', user)
  return kind === 'feed' ? `${one}${canary('school', school)}${canary('role', role)}` : one
}

function groupAnswer(asked: Asked): Written {
  const { page, person, headers, random } = asked
  const { kind } = page
  const audience = audiences[kind] ?? toldAudience(page)
  const marks: string[] = [canary('at', page.at)]
  if (audience === 'role') marks.push(canary('role', person?.role ?? ''))
  if (audience === 'school') marks.push(canary('school', person?.school ?? ''))
  if (audience === 'group') marks.push(canary('group', `${person?.school}/${page.group}`))
  const language = headers['accept-language'] ?? 'none'
  if (kind === 'news') marks.push(canary('lang', language))
  if (kind === 'schools')
    marks.push(canary('host', String(headers['x-forwarded-host'] ?? headers.host)))
  const tag = `"${marks.join('')}v${asked.version}"`
  const lines = [...plain, 'ETag', tag]
  if (kind === 'news') lines.push('Vary', 'Accept-Language')
  if (kind === 'told') {
    lines.push('Ecluse-Audience', audience, 'Ecluse-Cache-Control', 'max-age=1, stale-if-error=5')
  } else if (audience === 'public')
    lines.push('Cache-Control', 'max-age=1, stale-while-revalidate=1')
  // A session that is renewed on a 304 must not be renewed for everybody.
  const answer = orNotModified(asked, tag, lines)
  if (answer.status === 304 && person !== null && random.next() < 0.2) {
    return {
      ...answer,
      lines: [...answer.lines, 'Set-Cookie', `seen=${canary('user', person.user)}`],
    }
  }
  return { ...answer, text: marks.join(' ') }
}

const plain = ['Content-Type', 'text/html; charset=utf-8']

function orNotModified({ headers }: Asked, tag: string, lines: readonly string[]): Written {
  const isSame = headers['if-none-match']?.includes(tag) ?? false
  return { status: isSame ? 304 : 200, lines, text: '' }
}

function elsewhere(location: string): Written {
  return { status: 303, lines: ['Location', location], text: '' }
}

/** Who shares a page whose class says nothing: its number decides, so that it is always the same. */
function toldAudience({ at }: Page): 'public' | 'role' | 'school' | 'user' {
  const number = Number(/\d+/.exec(at)?.[0] ?? 0)
  return (['role', 'school', 'user', 'public'] as const)[number % 4] ?? 'user'
}
