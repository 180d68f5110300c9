import type { Portal, PortalRequest } from '../../scenarios/portals/portal.ts'

/** A request's place in the portal: its service class and the names found in its path. */
export type RouteMatch =
  | { readonly kind: 'service'; readonly service: string; readonly ids: RouteIds }
  | { readonly kind: 'asset'; readonly fingerprint: string; readonly name: string }
  | { readonly kind: 'none' }

/** Path parts as written (`s3`, `c40`), by placeholder. */
export interface RouteIds {
  readonly school?: string
  readonly class?: string
  readonly item?: string
}

/** Finds the service class of a request; `pathname` comes without its query. */
export type RouteTable = (method: string, pathname: string) => RouteMatch

interface Branch {
  readonly literals: Map<string, Branch>
  placeholder?: { readonly name: keyof RouteIds; readonly branch: Branch }
  readonly services: Map<string, string>
}

/**
 * The table of every request `portal` declares, so that pages and routes cannot disagree.
 * A lookup costs one step per path segment; literal segments win over placeholders.
 */
export function routeTableOf(portal: Portal): RouteTable {
  const root = newBranch()
  for (const request of requestsOf(portal)) plant(root, request)
  return (method, pathname) => {
    const segments = pathname.split('/').slice(1)
    if (segments[0] === 'assets' && segments.length === 3 && method === 'GET') {
      return { kind: 'asset', fingerprint: segments[1] as string, name: segments[2] as string }
    }
    return walk(root, { method, segments })
  }
}

/** Names of every fingerprinted file the portal's pages ask for. */
export function assetNamesOf(portal: Portal): ReadonlySet<string> {
  return new Set(Object.values(portal.pages).flatMap((page) => page.assets))
}

function requestsOf(portal: Portal): readonly PortalRequest[] {
  const ofPages = Object.values(portal.pages).flatMap((page) => [
    page.document,
    ...page.data,
    ...page.writes,
  ])
  return [...portal.login, portal.logout, ...ofPages]
}

function plant(root: Branch, request: PortalRequest): void {
  let branch = root
  for (const segment of pathnameOf(request.path).split('/').slice(1)) {
    branch = segment.startsWith('{')
      ? placeholderOf(branch, segment.slice(1, -1) as keyof RouteIds)
      : literalOf(branch, segment)
  }
  branch.services.set(request.method, request.service)
}

function walk(
  root: Branch,
  request: { readonly method: string; readonly segments: readonly string[] },
): RouteMatch {
  const ids: Record<string, string> = {}
  let branch: Branch | undefined = root
  for (const segment of request.segments) {
    const literal: Branch | undefined = branch?.literals.get(segment)
    const placeholder: Branch['placeholder'] = branch?.placeholder
    if (literal !== undefined) branch = literal
    else if (placeholder === undefined || segment === '') return { kind: 'none' }
    else {
      ids[placeholder.name] = segment
      branch = placeholder.branch
    }
  }
  const service = branch?.services.get(request.method)
  return service === undefined ? { kind: 'none' } : { kind: 'service', service, ids }
}

/** The path without its query. */
export function pathnameOf(path: string): string {
  const query = path.indexOf('?')
  return query === -1 ? path : path.slice(0, query)
}

function placeholderOf(branch: Branch, name: keyof RouteIds): Branch {
  branch.placeholder ??= { name, branch: newBranch() }
  return branch.placeholder.branch
}

function literalOf(branch: Branch, segment: string): Branch {
  const known = branch.literals.get(segment)
  if (known !== undefined) return known
  const next = newBranch()
  branch.literals.set(segment, next)
  return next
}

function newBranch(): Branch {
  return { literals: new Map(), services: new Map() }
}
