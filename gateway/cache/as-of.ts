import type { Answer } from '../exchange.ts'
import { fieldsOf, withoutFields } from './fields.ts'

/** Describes bytes that are no longer these. */
const ofTheBytes = new Set([
  'content-encoding',
  'content-length',
  'content-md5',
  'digest',
  'repr-digest',
  'content-digest',
  'etag',
  'last-modified',
  'accept-ranges',
  'cache-control',
])

/**
 * A person's own page from before, because the portal fails: never without saying of when it is.
 * `Ecluse-As-Of` says it to programs, a line at the top of the page to people. A page that may not
 * be transformed (RFC 9110 §7.7), or that is no HTML we can read, has the field alone.
 */
export function withAsOf(
  answer: Answer,
  decoded: (body: Uint8Array, coding: string | undefined) => Uint8Array | null,
): Answer {
  const fields = fieldsOf(answer.headers)
  const date = fields.get('date') ?? ''
  const headers = [...answer.headers, 'Ecluse-As-Of', date]
  const isPage = fields.get('content-type')?.toLowerCase().startsWith('text/html') ?? false
  const isFixed = fields.get('cache-control')?.toLowerCase().includes('no-transform') ?? false
  if (answer.status !== 200 || !(answer.body instanceof Uint8Array) || !isPage || isFixed) {
    return { ...answer, headers }
  }
  const bytes = decoded(answer.body, fields.get('content-encoding')?.trim().toLowerCase())
  if (bytes === null) return { ...answer, headers }
  const body = withNotice(bytes, Number(fields.get('age') ?? 0))
  const length = ['Content-Length', String(body.byteLength), 'Cache-Control', 'no-store']
  return { ...answer, headers: [...withoutFields(headers, ofTheBytes), ...length], body }
}

// Letters beyond ASCII as references: the page's own charset is not ours to know.
function withNotice(page: Uint8Array, ageSeconds: number): Uint8Array {
  const [fr, en] = agoTexts(ageSeconds)
  const notice = `<p role="status" lang="fr"><strong>Le portail ne r&#233;pond pas pour le moment. Voici votre page telle qu&#8217;elle &#233;tait il y a ${fr}.</strong> <span lang="en">The portal does not answer right now. This is your page as it was ${en} ago.</span></p>`
  const at = afterBodyTag(page)
  const inserted = new TextEncoder().encode(notice)
  const whole = new Uint8Array(page.byteLength + inserted.byteLength)
  whole.set(page.subarray(0, at))
  whole.set(inserted, at)
  whole.set(page.subarray(at), at + inserted.byteLength)
  return whole
}

function agoTexts(seconds: number): [fr: string, en: string] {
  if (seconds < 90) return [`${seconds} s`, `${seconds} s`]
  const minutes = Math.round(seconds / 60)
  return [`${minutes} minutes`, `${minutes} minutes`]
}

/** Where the content of the page begins; its first byte when it has no body tag. */
function afterBodyTag(page: Uint8Array): number {
  const [open, close] = [60, 62]
  for (let at = page.indexOf(open); at >= 0; at = page.indexOf(open, at + 1)) {
    const name = String.fromCharCode(...page.subarray(at + 1, at + 6)).toLowerCase()
    if (!/^body[\s>]/.test(name)) continue
    const end = page.indexOf(close, at)
    return end < 0 ? 0 : end + 1
  }
  return 0
}
