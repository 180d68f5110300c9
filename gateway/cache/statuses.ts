// RFC 9110 §15.1, without 206, which is a part.
const guessable = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

/** Statuses that say something of this asker or this request, never of the resource. */
const ofTheAsker = new Set([
  206, 304, 401, 403, 407, 408, 412, 416, 417, 421, 425, 426, 428, 429, 431, 511,
])

/** Final statuses whose caching we know (RFC 9110 §15). */
const understood = new Set([
  ...guessable,
  201,
  202,
  205,
  302,
  303,
  305,
  307,
  400,
  402,
  406,
  409,
  411,
  413,
  415,
  422,
  500,
  502,
  503,
  504,
  505,
])

/** May a lifetime be guessed for this status when nothing is said of it? */
export function mayBeGuessed(status: number): boolean {
  return guessable.has(status)
}

/** Could an answer of this status be meant for anybody else? */
export function isOfTheResource(status: number): boolean {
  return status >= 200 && status <= 599 && !ofTheAsker.has(status)
}

/** Does this cache know what the status asks of caches (`must-understand`, RFC 9111 §5.2.2.3)? */
export function isUnderstood(status: number): boolean {
  return understood.has(status)
}
