/** One person's cookies for one site: name to value and expiry (wall ms). */
export class CookieJar {
  private readonly cookies = new Map<string, { value: string; expiresAtMs: number }>()
  private line: string | undefined
  /** When the cached line stops being true: the earliest expiry of a held cookie. */
  private lineUntilMs = Number.POSITIVE_INFINITY

  /** Keeps what `Set-Cookie` says; `Max-Age` wins over `Expires` (RFC 6265 §5.3). */
  store(setCookies: readonly string[], wallMs: number): void {
    for (const text of setCookies) {
      const cookie = parseSetCookie(text, wallMs)
      if (cookie === undefined) continue
      if (cookie.expiresAtMs <= wallMs) this.cookies.delete(cookie.name)
      else this.cookies.set(cookie.name, cookie)
      this.line = undefined
    }
  }

  /** The `Cookie` field, or an empty string when there is nothing to send. */
  header(wallMs: number): string {
    if (this.line === undefined || wallMs >= this.lineUntilMs) this.rebuild(wallMs)
    return this.line as string
  }

  private rebuild(wallMs: number): void {
    const pairs: string[] = []
    this.lineUntilMs = Number.POSITIVE_INFINITY
    for (const [name, cookie] of this.cookies) {
      if (cookie.expiresAtMs <= wallMs) this.cookies.delete(name)
      else {
        pairs.push(`${name}=${cookie.value}`)
        this.lineUntilMs = Math.min(this.lineUntilMs, cookie.expiresAtMs)
      }
    }
    this.line = pairs.join('; ')
  }
}

interface ParsedCookie {
  readonly name: string
  readonly value: string
  readonly expiresAtMs: number
}

function parseSetCookie(text: string, wallMs: number): ParsedCookie | undefined {
  const [pair = '', ...attributes] = text.split(';')
  const equals = pair.indexOf('=')
  if (equals < 1) return undefined
  let expiresAtMs = Number.POSITIVE_INFINITY
  let hasMaxAge = false
  for (const attribute of attributes) {
    const [name, value] = splitOnce(attribute)
    if (name === 'max-age' && /^-?\d+$/.test(value)) {
      hasMaxAge = true
      expiresAtMs = wallMs + Number(value) * 1000
    } else if (name === 'expires' && !hasMaxAge) expiresAtMs = dateMs(value) ?? expiresAtMs
  }
  return {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
    expiresAtMs,
  }
}

function splitOnce(attribute: string): [string, string] {
  const equals = attribute.indexOf('=')
  if (equals < 0) return [attribute.trim().toLowerCase(), '']
  return [attribute.slice(0, equals).trim().toLowerCase(), attribute.slice(equals + 1).trim()]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Epoch ms of `Thu, 01 Jan 1970 00:00:00 GMT`, without `Date`, which pure files may not use. */
function dateMs(text: string): number | undefined {
  const parts = /(\d{1,2})[ -]([a-z]{3})[ -](\d{4}) (\d{2}):(\d{2}):(\d{2})/i.exec(text)
  if (parts === null) return undefined
  const month = months.indexOf((parts[2] as string).toLowerCase())
  if (month < 0) return undefined
  // Days since 1970-03-01 by counting years from March, so that leap days come last.
  const year = Number(parts[3]) - (month < 2 ? 1 : 0)
  const fromMarch = (month + 10) % 12
  const dayOfYear = Math.floor((153 * fromMarch + 2) / 5) + Number(parts[1]) - 1
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)
  const days = year * 365 + leapDays + dayOfYear - 719_468
  return ((days * 24 + Number(parts[4])) * 60 + Number(parts[5])) * 60_000 + Number(parts[6]) * 1000
}
