import { fingerprintOf } from '../../scenarios/portals/fingerprint.ts'
import type { Answer } from './answers.ts'
import { filePage } from './pages.ts'

/** Sizes on the wire and media types by file name ending. */
const kinds: Readonly<Record<string, { readonly bytes: number; readonly type: string }>> = {
  js: { bytes: 75_000, type: 'text/javascript; charset=utf-8' },
  css: { bytes: 30_000, type: 'text/css; charset=utf-8' },
  json: { bytes: 12_000, type: 'application/json' },
  woff2: { bytes: 20_000, type: 'font/woff2' },
  svg: { bytes: 3_000, type: 'image/svg+xml' },
}

/** When the model portal was last deployed, as far as its files say. */
const lastModified = 'Mon, 02 Sep 2024 06:00:00 GMT'

/** Answers to requests for fingerprinted files, prepared once. */
export type AssetTable = (request: {
  readonly name: string
  readonly fingerprint: string
  readonly ifNoneMatch: string | undefined
}) => Answer

/** Prepares every file of `names`; any other name or fingerprint is not found. */
export function assetTableOf(names: ReadonlySet<string>): AssetTable {
  const files = new Map([...names].map((name) => [name, prepare(name)]))
  return ({ name, fingerprint, ifNoneMatch }) => {
    const file = files.get(name)
    if (file === undefined || fingerprintOf(name) !== fingerprint) return notFound
    return holdsTag(ifNoneMatch, file.tag) ? file.unchanged : file.whole
  }
}

/** The answer to a path the portal does not have. */
export const notFound: Answer = {
  status: 404,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: '{"error":"not-found"}',
  isUseful: false,
}

function prepare(name: string) {
  const kind = kinds[name.slice(name.lastIndexOf('.') + 1)]
  if (kind === undefined) throw new Error(`no size and media type for the portal's file ${name}`)
  const tag = `"${fingerprintOf(name)}-${kind.bytes}"`
  const validators = {
    'cache-control': 'public, max-age=31536000, immutable',
    etag: tag,
    'last-modified': lastModified,
  }
  const body = new TextEncoder().encode(filePage(`/* ${name} */`, kind.bytes))
  const whole = { status: 200, headers: { ...validators, 'content-type': kind.type }, body }
  const unchanged = { status: 304, headers: validators, body: '' }
  return { tag, whole: { ...whole, isUseful: true }, unchanged: { ...unchanged, isUseful: true } }
}

// RFC 9110 §13.1.2: a list of tags, weak comparison, or any.
function holdsTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch
    .split(',')
    .map((part) => part.trim().replace(/^W\//, ''))
    .some((part) => part === tag || part === '*')
}
