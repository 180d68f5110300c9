/** A request target, read without changing a byte of it. */
export type TargetReading =
  | { readonly kind: 'malformed' }
  /** `isPlain` is false when the origin might read the path differently than we do. */
  | {
      readonly kind: 'ok'
      readonly path: string
      readonly query: string
      readonly isPlain: boolean
    }

/** Longest target read; longer ones are malformed. Java containers stop at 8 kB of head as well. */
export const targetMaxLength = 8_000

/**
 * Splits an origin-form target (RFC 9112 §3.2.1) into path and query.
 *
 * A path is plain when every server agrees on what it names: no dot segments, empty segments,
 * path parameters, backslashes or encoded delimiters. One that is not plain is forwarded as it
 * came but never classified, so that nobody stores an answer under a name the origin did not use
 * (web cache deception).
 */
export function readTarget(target: string): TargetReading {
  if (target.length > targetMaxLength || target.charCodeAt(0) !== slash) {
    return { kind: 'malformed' }
  }
  if (!visibleAscii.test(target)) return { kind: 'malformed' }
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark + 1)
  return { kind: 'ok', path, query, isPlain: !ambiguous.test(path) }
}

const slash = 47
// RFC 3986 §2: a target is printable ASCII; `#` starts a fragment, which is never sent.
const visibleAscii = /^[!"$-~]+$/
// `//`, dot segments also when encoded, `;` parameters, `\`, encoded / \ ; % . and controls.
const ambiguous = /\/\/|\/\.{1,2}(?:\/|$)|[;\\]|%(?:2f|5c|3b|25|2e|3f|23|[01][0-9a-f]|7f)/i
