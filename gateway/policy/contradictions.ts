import type { CacheRules, Policy, RouteClass } from './policy.ts'

/** Something a schema cannot say, and where in the document it is. */
export interface Contradiction {
  readonly path: readonly (string | number)[]
  /** One sentence: what was expected, what was found. */
  readonly says: string
}

/** What does not go together in a policy: names twice, closed classes nobody has, impossible pairs. */
export function contradictions(policy: Policy): Contradiction[] {
  const found: Contradiction[] = []
  const names = policy.classes.map(({ name }) => name)
  names.forEach((name, i) => {
    if (names.indexOf(name) === i) return
    const says = `expected each name once, found "${name}" twice.`
    found.push({ path: ['classes', i, 'name'], says })
  })
  for (const key of ['closed', 'bypassed'] as const) {
    policy[key]?.forEach((name, i) => {
      if (names.includes(name)) return
      found.push({ path: [key, i], says: `no class is named "${name}".` })
    })
  }
  policy.classes.forEach((one, i) => {
    for (const { path, says } of inClass(one)) found.push({ path: ['classes', i, ...path], says })
  })
  if (policy.waitingRoom.minInside > policy.waitingRoom.maxInside) {
    const says = 'expected at most maxInside, found more.'
    found.push({ path: ['waitingRoom', 'minInside'], says })
  }
  return found
}

function inClass({ name, match, cache, write, changesState }: RouteClass): Contradiction[] {
  const found: Contradiction[] = []
  const add = (key: string, says: string): number => found.push({ path: [key], says })
  if (cache && !match.methods.every((method) => method === 'GET' || method === 'HEAD')) {
    const methods = match.methods.join(', ')
    add('cache', `class "${name}": expected GET and HEAD alone, found ${methods}.`)
  }
  if (cache && changesState) {
    add('cache', `class "${name}": expected none where changesState is true.`)
  }
  if (cache?.audience === 'user') found.push(...ownPageProblems(name, cache))
  if (write && changesState === false) {
    add('changesState', `class "${name}": a class that is absorbed changes something.`)
  }
  if (write && match.methods.some((method) => method === 'GET' || method === 'HEAD')) {
    add('write', `class "${name}": a class with GET or HEAD is never absorbed.`)
  }
  return found
}

// A person's own page is kept for as long as they press a key twice, and for a short outage.
const ownLongest = { freshSeconds: 10, staleWhileRevalidateSeconds: 0, staleIfErrorSeconds: 600 }

function ownPageProblems(name: string, cache: CacheRules): Contradiction[] {
  const windows = Object.entries(ownLongest) as [keyof typeof ownLongest, number][]
  return windows
    .filter(([window, longest]) => cache[window] > longest)
    .map(([window, longest]) => ({
      path: ['cache', window],
      says: `class "${name}": expected at most ${longest} where the audience is user, found ${cache[window]}.`,
    }))
}
