/** Signs and verifies under keys that rotate. `verify` compares in constant time. */
export interface SigningPort {
  sign(text: string): { readonly kid: string; readonly mac: string }
  verify(kid: string, text: string, mac: string): boolean
}

/** What a token is for; part of what is signed, so that one kind never passes for another. */
export type TokenPurpose = 'place' | 'admission'

/**
 * `v1.<kid>.<fields>.<mac>`, the fields joined by `~`. They must match `[A-Za-z0-9_-]+`, so that
 * no two lists of fields read the same once joined.
 */
export function sealToken(
  purpose: TokenPurpose,
  fields: readonly string[],
  keys: SigningPort,
): string {
  const payload = fields.join('~')
  const { kid, mac } = keys.sign(signedText(purpose, payload))
  return `v1.${kid}.${payload}.${mac}`
}

/** The fields of a token of ours for this purpose, or null. */
export function openToken(
  purpose: TokenPurpose,
  token: string,
  keys: SigningPort,
): readonly string[] | null {
  if (token.length > tokenMaxLength) return null
  const [, kid, payload, mac] = tokenForm.exec(token) ?? []
  if (kid === undefined || payload === undefined || mac === undefined) return null
  return keys.verify(kid, signedText(purpose, payload), mac) ? payload.split('~') : null
}

const tokenMaxLength = 300
const tokenForm = /^v1\.([\w-]+)\.([\w-]+(?:~[\w-]+)*)\.([\w-]+)$/

function signedText(purpose: TokenPurpose, payload: string): string {
  return `ecluse-${purpose}-v1.${payload}`
}
