import type { ClientRequest } from '../exchange.ts'
import type { Fields } from './fields.ts'

/** More than this and every client has an entry of their own. */
const maxNames = 8

// The request that the origin saw had its own, not the client's; or they name a person.
const unusable =
  /^(?:\*|cookie|authorization|proxy-authorization|forwarded|x-forwarded-.*|x-real-ip|ecluse-.*|surrogate-capability|if-.*|range|cache-control|pragma|connection|te|expect|upgrade)$/
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/**
 * The request fields that select an answer besides the codings, lower-case and sorted (RFC 9111
 * §4.1); null when a key cannot hold what selects it.
 */
export function selectingNames(fields: Fields): readonly string[] | null {
  const text = fields.get('vary')
  if (text === undefined) return []
  const names = new Set(text.split(',').map((name) => name.trim().toLowerCase()))
  names.delete('')
  // The codings are in every key.
  names.delete('accept-encoding')
  for (const name of names) if (unusable.test(name) || !token.test(name)) return null
  return names.size > maxNames ? null : [...names].sort()
}

/** A selecting field's value, spelled alike where it means alike (RFC 9111 §4.1). */
export function selectingValue(name: string, headers: ClientRequest['headers']): string {
  const value = headers[name]
  if (value === undefined) return ''
  const members = (typeof value === 'string' ? value : value.join(',')).split(',')
  const trimmed = members.map((member) => member.trim())
  // RFC 9110 §12.5.4: tags have no case and their order means nothing beside their weights.
  if (name === 'accept-language') return trimmed.map(weighed).sort().join(',')
  return trimmed.join(',')
}

function weighed(member: string): string {
  const [tag = '', ...parameters] = member.toLowerCase().split(';')
  const weight = parameters.map((one) => one.trim()).find((one) => one.startsWith('q='))
  return `${tag.trim()};q=${Number(weight?.slice(2) ?? 1)}`
}
