import type {
  Portal,
  PortalPage,
  PortalRequest,
  PortalWrite,
} from '../../scenarios/portals/portal.ts'
import { fingerprintOf } from '../../scenarios/portals/fingerprint.ts'
import type { Session } from '../schedule/session.ts'

/** What a browser asks for, before its cookies are added. */
export interface BrowserRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly purpose: 'document' | 'data' | 'asset' | 'write'
  /** The portal's service class, for reports. */
  readonly service: string
  readonly body?: { readonly text: string; readonly contentType: string }
  /** Idempotency key of a write. */
  readonly key?: string
}

/** Facts that fill the placeholders of a path. */
export interface PathFacts {
  readonly session: Pick<Session, 'account' | 'school' | 'classId' | 'role'>
  readonly item?: number
  readonly key?: string
}

/** `/api/schools/{school}/news` with this person's school in it. */
export function pathFor(template: string, facts: PathFacts): string {
  if (!template.includes('{')) return template
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    switch (name) {
      case 'account':
        return `u${facts.session.account}`
      case 'school':
        return `s${facts.session.school}`
      case 'class':
        return `c${facts.session.classId}`
      case 'role':
        return facts.session.role
      case 'item':
        return String(facts.item ?? 0)
      case 'key':
        return facts.key ?? whole
      default:
        return whole
    }
  })
}

/** A navigation. */
export function documentRequest(request: PortalRequest, facts: PathFacts): BrowserRequest {
  const { method, service } = request
  return { method, service, path: pathFor(request.path, facts), purpose: 'document' }
}

/** What follows the document: every data call, and the assets this browser does not hold yet. */
export function followUps(
  page: PortalPage,
  facts: PathFacts,
  held: ReadonlySet<string>,
): BrowserRequest[] {
  const requests: BrowserRequest[] = page.data.map(({ method, service, path }) => ({
    method,
    service,
    path: pathFor(path, facts),
    purpose: 'data',
  }))
  for (const name of page.assets) {
    const path = assetPath(name)
    if (!held.has(path)) requests.push({ method: 'GET', path, service: 'asset', purpose: 'asset' })
  }
  return requests
}

/** The address of an asset; the fingerprint makes it safe to keep for ever. */
export function assetPath(name: string): string {
  return `/assets/${fingerprintOf(name)}/${name}`
}

/** A write with its key; an upload carries bytes, everything else JSON, padded to its size. */
export function writeRequest(write: PortalWrite, facts: PathFacts & { key: string }) {
  const { key } = facts
  const size = write.bodyBytes ?? 0
  const isFile = write.service === 'upload'
  const start = isFile ? key : `{"key":"${key}","kind":"${write.name}","text":"`
  const end = isFile ? '' : '"}'
  const text = start + 'x'.repeat(Math.max(0, size - start.length - end.length)) + end
  return {
    method: write.method,
    path: pathFor(write.path, facts),
    purpose: 'write',
    service: write.service,
    body: { text, contentType: isFile ? 'application/octet-stream' : 'application/json' },
    key,
  } satisfies BrowserRequest
}

/** The login form of this person; a model portal keeps no directory, so the form says it all. */
export function loginFormBody(facts: PathFacts): BrowserRequest['body'] {
  const fields = 'account={account}&school={school}&class={class}&role={role}&password=pw-{account}'
  const text = pathFor(fields, facts)
  return { text, contentType: 'application/x-www-form-urlencoded' }
}

/** The portal's facts that the engine looks up once. */
export interface PortalFacts {
  /** Where people without a session are sent. */
  readonly loginPath: string
  /** The data call whose answer carries the form token. */
  readonly tokenRequest: PortalRequest | undefined
}

/** Finds the login form and the token's call in the portal's tables. */
export function portalFacts(portal: Portal): PortalFacts {
  const form = portal.login.find((step) => step.method === 'POST')
  const calls = Object.values(portal.pages).flatMap((page) => page.data)
  return {
    loginPath: form?.path ?? '/',
    tokenRequest: calls.find((call) => call.service === 'me'),
  }
}
