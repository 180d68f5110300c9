import type { Audience } from '../../gateway/policy/policy.ts'

/** A page of the portal, as the portal itself reads the address. */
export interface Page {
  readonly kind: keyof typeof audiences
  /** Path and the one query parameter that counts: what the page's own canary names. */
  readonly at: string
  /** The group a page is about. */
  readonly group: string | null
}

/** Who shares pages of each kind; `told` is said by the answer alone. */
export const audiences = {
  assets: 'public',
  schools: 'public',
  news: 'public',
  portal: 'role',
  school: 'school',
  classes: 'group',
  told: null,
  me: 'user',
  feed: 'user',
  elsewhere: 'user',
} as const satisfies Record<string, Audience | null>

/**
 * The page a target names to this portal. It reads addresses as the most lenient of real ones do:
 * path parameters fall off, encoded delimiters and dot segments count, `\` is `/`, a NUL or an
 * encoded `?` ends the path, a file suffix changes nothing, `;` parts the query like `&`.
 */
export function pageOf(target: string): Page {
  const mark = target.indexOf('?')
  const path = normalised(mark === -1 ? target : target.slice(0, mark))
  const version = parameter(mark === -1 ? '' : target.slice(mark + 1), 'v')
  const at = version === undefined ? path : `${path}?v=${version}`
  const [first = '', second = '', third = ''] = path.slice(1).split('/')
  if (first === 'api') {
    if (second === 'classes') return { kind: 'classes', at, group: third }
    if (second === 'school' || second === 'told' || second === 'me') {
      return { kind: second, at, group: null }
    }
  }
  if (
    first === 'assets' ||
    first === 'schools' ||
    first === 'news' ||
    first === 'portal' ||
    first === 'feed'
  ) {
    return { kind: first, at, group: null }
  }
  return { kind: 'elsewhere', at, group: null }
}

function normalised(path: string): string {
  const readable = path
    .replaceAll(/%2f|%5c|\\/gi, '/')
    .replaceAll(/%2e/gi, '.')
    .replaceAll(/%3b/gi, ';')
    .replaceAll(/(?:%00|%0a|%3f|%23).*/gi, '')
    .replaceAll(/;[^/]*/g, '')
    .replace(/\.(?:css|js|png)$/, '')
  const kept: string[] = []
  for (const segment of readable.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}`
}

function parameter(query: string, name: string): string | undefined {
  const pair = query.split(/[&;]/).find((candidate) => candidate.startsWith(`${name}=`))
  return pair?.slice(name.length + 1)
}
