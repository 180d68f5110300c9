import type { HeaderLines } from '../exchange.ts'

/** Header fields by lower-case name; lines of one name joined by a comma (RFC 9110 §5.3). */
export type Fields = ReadonlyMap<string, string>

/** Header lines as a map, for decisions taken once an answer. */
export function fieldsOf(lines: HeaderLines): Fields {
  const fields = new Map<string, string>()
  for (const [name, value] of pairsOf(lines)) {
    const lower = name.toLowerCase()
    const before = fields.get(lower)
    fields.set(lower, before === undefined ? value : `${before}, ${value}`)
  }
  return fields
}

/** The lines whose lower-case name is not in `names`. */
export function withoutFields(lines: HeaderLines, names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (const [name, value] of pairsOf(lines)) {
    if (!names.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}

/** The lines whose lower-case name is in `names`. */
export function onlyFields(lines: HeaderLines, names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (const [name, value] of pairsOf(lines)) {
    if (names.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}

function* pairsOf(lines: HeaderLines): Generator<readonly [string, string]> {
  for (let at = 0; at + 1 < lines.length; at += 2) yield [lines[at] ?? '', lines[at + 1] ?? '']
}
