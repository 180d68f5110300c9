import { nearest } from '../../core/settings.ts'

/** What a validator found wrong: where, and which keys it did not know. */
export interface DocumentIssue {
  readonly path: readonly (string | number)[]
  readonly unknownKeys?: readonly string[]
  readonly message: string
}

/** The part of JSON Schema from which expectations are worded. */
export interface SchemaNode {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
}

/** One sentence an issue: the JSON path, what was expected, what was found, the nearest known key. */
export function documentProblems(
  document: unknown,
  schema: SchemaNode,
  issues: readonly DocumentIssue[],
): string[] {
  return issues.flatMap((issue) => {
    const node = nodeAt(schema, issue.path)
    if (issue.unknownKeys !== undefined) {
      const known = Object.keys(node?.properties ?? {})
      return issue.unknownKeys.map((key) => unknownKey(pathText([...issue.path, key]), key, known))
    }
    const expected = node === undefined ? issue.message : expectationOf(node)
    return [`${pathText(issue.path)}: expected ${expected}, found ${found(document, issue.path)}.`]
  })
}

/** `phases[2].share`; the document itself is `(document)`. */
function pathText(path: readonly (string | number)[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text === '' ? '(document)' : text.replace(/^\./, '')
}

function unknownKey(path: string, key: string, known: readonly string[]): string {
  const near = nearest(key, known)
  const hint = near === undefined ? `known keys: ${known.join(', ')}` : `did you mean ${near}?`
  return `${path}: expected a known key, found "${key}"; ${hint}`
}

function nodeAt(schema: SchemaNode, path: readonly (string | number)[]): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>(
    (node, part) => (typeof part === 'number' ? node?.items : node?.properties?.[part]),
    schema,
  )
}

function expectationOf(node: SchemaNode): string {
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`
  if (node.pattern !== undefined) return `a text like ${node.pattern}`
  if (node.type === 'array') {
    return node.minItems === node.maxItems
      ? `a list of ${node.minItems}`
      : `a list of ${node.minItems ?? 0} to ${node.maxItems ?? 'any number'}`
  }
  if (node.type === 'object')
    return `an object with ${Object.keys(node.properties ?? {}).join(', ')}`
  if (node.type !== 'number' && node.type !== 'integer') return 'a text'
  const noun = node.type === 'integer' ? 'a whole number' : 'a number'
  const from =
    node.exclusiveMinimum === undefined
      ? `from ${node.minimum ?? 0}`
      : `above ${node.exclusiveMinimum}`
  return `${noun} ${from}${node.maximum === undefined ? '' : ` to ${node.maximum}`}`
}

function found(document: unknown, path: readonly (string | number)[]): string {
  const value = path.reduce<unknown>(
    (at, part) => (at as Record<string | number, unknown> | undefined)?.[part],
    document,
  )
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
