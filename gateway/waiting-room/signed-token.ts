/** Signs and verifies under keys that rotate. `verify` compares in constant time. */
export interface SigningPort {
  sign(text: string): { readonly kid: string; readonly mac: string }
  verify(kid: string, text: string, mac: string): boolean
}

/** What a token is for; part of what is signed, so that one kind never passes for another. */
export type TokenPurpose = 'place' | 'admission'

/**
 * `v2.<kid>.<fields>.<mac>`, the fields joined by `~`; they must match `[A-Za-z0-9_-]+`. What is
 * signed has the length of each before it, so that no two lists of fields read the same.
 */
export function sealToken(
  purpose: TokenPurpose,
  fields: readonly string[],
  keys: SigningPort,
): string {
  const { kid, mac } = keys.sign(signedText(purpose, fields))
  return `v2.${kid}.${fields.join('~')}.${mac}`
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
  const fields = payload.split('~')
  return keys.verify(kid, signedText(purpose, fields), mac) ? fields : null
}

const tokenMaxLength = 300
const tokenForm = /^v2\.([\w-]+)\.([\w-]+(?:~[\w-]+)*)\.([\w-]+)$/

function signedText(purpose: TokenPurpose, fields: readonly string[]): string {
  const prefixed = fields.map((field) => `${field.length}:${field}`)
  return `ecluse-${purpose}-v2.${prefixed.join('')}`
}
