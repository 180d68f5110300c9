/** A request as the client sends it. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  /** Header fields as they are sent: lines of `name: value`, each with its line break. */
  readonly fields: string
  readonly body?: string
  /** The school, whose people share one source address as behind one NAT. */
  readonly school: number
}

/** One request under way. `abort` closes the connection, as a browser's stop button does. */
export interface Exchange {
  readonly answer: Promise<Answer>
  abort(): void
}

/** Header fields by lower-case name. */
export type AnswerFields = Readonly<Record<string, string | readonly string[] | undefined>>

/** What came back. `text` is empty unless the answer is text, JSON or HTML. */
export type Answer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly fields: AnswerFields
      readonly text: string
    }
  | { readonly kind: 'broken'; readonly reason: BreakReason }
  | { readonly kind: 'aborted' }

/** `no-port` and `no-descriptor` are the generator's own failures and make a run invalid. */
export type BreakReason = 'unreachable' | 'reset' | 'timeout' | 'no-port' | 'no-descriptor'

/** What an answer means to somebody using a browser. */
export type Meaning =
  | { readonly kind: 'arrived' }
  | { readonly kind: 'moved'; readonly location: string }
  /** `isLine`: a waiting room answered, and knows this person's place. */
  | { readonly kind: 'turned-away'; readonly retryAfterMs: number; readonly isLine: boolean }
  | { readonly kind: 'session-lost' }
  | { readonly kind: 'stale-form' }
  | { readonly kind: 'error' }
  | { readonly kind: 'aborted' }

/** Reads an answer; `loginPath` is where the portal sends people who have no session. */
export function meaningOf(answer: Answer, loginPath: string): Meaning {
  if (answer.kind === 'aborted') return answer
  if (answer.kind === 'broken') return { kind: 'error' }
  const { status, fields } = answer
  const line = lineMs(status, fields)
  if (line !== undefined) {
    const isLine = field(fields, 'ecluse-wait') !== undefined
    return { kind: 'turned-away', retryAfterMs: line, isLine }
  }
  if ((status >= 200 && status < 300) || status === 304) return { kind: 'arrived' }
  if (status === 401) return { kind: 'session-lost' }
  if (status === 403 && answer.text.includes('"form-token"')) return { kind: 'stale-form' }
  const location = field(fields, 'location')
  if (status < 300 || status >= 400 || location === undefined) return { kind: 'error' }
  const path = location.split('?')[0] as string
  return path.endsWith(loginPath) ? { kind: 'session-lost' } : { kind: 'moved', location }
}

/** The first value of a field. */
export function field(fields: AnswerFields, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** Every `Set-Cookie` of an answer. */
export function setCookiesOf(fields: AnswerFields): readonly string[] {
  const value = fields['set-cookie']
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/** Path and query of a `Location` on the same site, or undefined when it leads elsewhere. */
export function localPath(location: string, origin: string): string | undefined {
  if (location.startsWith(`${origin}/`)) return location.slice(origin.length)
  return location.startsWith('/') && !location.startsWith('//') ? location : undefined
}

/** Ms until the waiting room or a refusal wants to see the person again, if it is one. */
function lineMs(status: number, fields: AnswerFields): number | undefined {
  const room = field(fields, 'ecluse-wait')
  const told = room === undefined ? undefined : /;\s*t=(\d+(?:\.\d+)?)/.exec(room)?.[1]
  if (told !== undefined) return Number(told) * 1000
  if (status !== 429 && status !== 503) return undefined
  const seconds = field(fields, 'retry-after')
  return seconds !== undefined && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined
}
