import { type RouteClass, unknownClass } from '../policy/policy.ts'

/** What a request is classified by. */
export interface RouteFacts {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly isPlain: boolean
}

export interface RouteTable {
  /** The first class that matches, or `unknownClass`. O(classes of that first segment). */
  classify(facts: RouteFacts): RouteClass
}

/** Prepares a policy's classes for matching; done once for each policy. */
export function routeTable(classes: readonly RouteClass[]): RouteTable {
  const rules = classes.map(prepare)
  const byFirstSegment = new Map<string, Rule[]>()
  for (const rule of rules) {
    const first = rule.segments[0] ?? ''
    if (!isWild(first)) byFirstSegment.set(first, [])
  }
  for (const [first, list] of byFirstSegment) {
    list.push(
      ...rules.filter((rule) => isWild(rule.segments[0] ?? '') || rule.segments[0] === first),
    )
  }
  const wild = rules.filter((rule) => isWild(rule.segments[0] ?? ''))

  return {
    classify({ method, path, query, isPlain }) {
      if (!isPlain) return unknownClass
      const segments = path.slice(1).split('/')
      const candidates = byFirstSegment.get(segments[0] as string) ?? wild
      for (const rule of candidates) {
        if (matches(rule, method, segments) && queryMatches(rule, query)) return rule.routeClass
      }
      return unknownClass
    },
  }
}

interface Rule {
  readonly routeClass: RouteClass
  readonly methods: ReadonlySet<string>
  readonly segments: readonly string[]
  readonly takesRest: boolean
  readonly query: readonly (readonly [name: string, value: string])[]
}

function prepare(routeClass: RouteClass): Rule {
  const { match } = routeClass
  const segments = match.path.slice(1).split('/')
  const takesRest = segments.at(-1) === '**'
  return {
    routeClass,
    methods: new Set(match.methods),
    segments: takesRest ? segments.slice(0, -1) : segments,
    takesRest,
    query: Object.entries(match.query ?? {}),
  }
}

function isWild(segment: string): boolean {
  return segment === '*' || segment === ''
}

function matches(rule: Rule, method: string, segments: readonly string[]): boolean {
  if (!rule.methods.has(method)) return false
  const enough = rule.takesRest
    ? segments.length > rule.segments.length
    : segments.length === rule.segments.length
  if (!enough) return false
  for (let i = 0; i < rule.segments.length; i += 1) {
    const wanted = rule.segments[i]
    if (wanted !== '*' && wanted !== segments[i]) return false
  }
  return true
}

// A named parameter must appear once: which of two values the origin takes, we cannot know.
function queryMatches(rule: Rule, query: string): boolean {
  if (rule.query.length === 0) return true
  const parameters = new URLSearchParams(query)
  return rule.query.every(([name, value]) => {
    const found = parameters.getAll(name)
    return found.length === 1 && found[0] === value
  })
}
