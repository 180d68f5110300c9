/**
 * What documents and code say differently, one sentence each. Both lists hold what must be the
 * same, as text: a name, or a name with the facts that are documented beside it.
 */
export function differences(facts: {
  readonly inCode: readonly string[]
  readonly inDocs: readonly string[]
}): readonly string[] {
  const { inCode, inDocs } = facts
  const [code, docs] = [new Set(inCode), new Set(inDocs)]
  return [
    ...[...code].filter((one) => !docs.has(one)).map((one) => `not documented: ${one}`),
    ...[...docs].filter((one) => !code.has(one)).map((one) => `not in the code: ${one}`),
    ...inDocs.filter((one, at) => inDocs.indexOf(one) !== at).map((one) => `twice: ${one}`),
  ]
}

/** The codes of the `Failure`s that a source text makes, also when one of two is chosen. */
export function failureCodesIn(text: string): readonly string[] {
  if (!text.includes('new Failure(')) return []
  const places = [
    /\bcode: '([a-z-]+)'/g,
    /\bfailure\(\s*'([a-z-]+)'/g,
    /\bcode = [^\n]*\? '([a-z-]+)' : '([a-z-]+)'/g,
  ]
  return places.flatMap((place) => [...text.matchAll(place)].flatMap(([, ...codes]) => codes))
}

/** The numbers by which a source text ends a command: returned, passed to `exit`, or declared. */
export function exitCodesIn(text: string): readonly string[] {
  const places = [
    /\breturn (?:[^\n;]*\? )?(\d{1,3})(?: : (\d{1,3}))?$/gm,
    /\breturn [^\n;]*\? (\d{1,3}) : /g,
    /\bexit\((?:[^()\n]*\? )?(\d{1,3})(?: : (\d{1,3}))?\)/g,
    /\b(?:complain|refuse)\((\d{1,3}),/g,
    /\b(?:complain|refuse)\([^?\n]*\? (\d{1,3}) : (\d{1,3}),/g,
    /\bexitCode(?: =|:) (\d{1,3})/g,
    /^ {2}(?:'[a-z-]+'|[A-Za-z]+): (\d{1,3}),$/gm,
  ]
  return places.flatMap((place) =>
    [...text.matchAll(place)].flatMap(([, ...codes]) => codes.filter((code) => code !== undefined)),
  )
}

/** A JSON Schema, as far as a configuration document needs one. */
export interface Schema {
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
}

/** Every key of a document by its path, with its default: a value, `required` or `none`. */
export function keysOf(schema: Schema, path = ''): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const here = path === '' ? name : `${path}.${name}`
    if (inner.properties !== undefined) return keysOf(inner, here)
    if (inner.items?.properties !== undefined) return keysOf(inner.items, `${here}[]`)
    return `${here} = ${defaultText(inner.default, isRequired(name, schema))}`
  })
}

/** A setting as its row says it: its name and its default. */
export function settingText(
  name: string,
  facts: { readonly default?: unknown; readonly isRequired: boolean },
): string {
  return `${name} = ${defaultText(facts.default, facts.isRequired ? 'required' : 'none')}`
}

function isRequired(name: string, { required }: Schema): 'required' | 'none' {
  return required?.includes(name) ? 'required' : 'none'
}

function defaultText(value: unknown, otherwise: 'required' | 'none'): string {
  if (value === undefined) return otherwise
  return typeof value === 'string' ? value : JSON.stringify(value)
}
