import type { Policy } from './policy.ts'

/** One place where two policies differ; `undefined` is not there at all. */
export interface Difference {
  /** Dotted, classes by their name: `classes.news.cache.freshSeconds`. */
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

/** Every place where `after` says something else than `before`, classes told apart by name. */
export function policyDifferences(before: Policy, after: Policy): Difference[] {
  const found = differences('', byName(before), byName(after))
  if (orderOf(before) === orderOf(after)) return found
  // The first class that matches wins: the order is part of what they say.
  return [...found, { path: 'classes', before: orderOf(before), after: orderOf(after) }]
}

/** The difference as a line: `+` is new, `-` is gone, `~` is another value. */
export function differenceLine({ path, before, after }: Difference): string {
  if (before === undefined) return `+ ${path}: ${text(after)}`
  if (after === undefined) return `- ${path}: ${text(before)}`
  return `~ ${path}: ${text(before)} → ${text(after)}`
}

function byName(policy: Policy): Readonly<Record<string, unknown>> {
  const classes = Object.fromEntries(policy.classes.map(({ name, ...rest }) => [name, rest]))
  return { ...policy, classes }
}

/** Names that both have, in their order; what is new or gone is said anyway. */
function orderOf({ classes }: Policy): string {
  return classes.map(({ name }) => name).join(' ')
}

function differences(path: string, before: unknown, after: unknown): Difference[] {
  if (isTable(before) && isTable(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].flatMap((key) =>
      differences(path === '' ? key : `${path}.${key}`, before[key], after[key]),
    )
  }
  return text(before) === text(after) ? [] : [{ path, before, after }]
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
