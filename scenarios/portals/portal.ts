/** A portal as a browser meets it: which requests one page view makes. Data, no code. */
export interface Portal {
  readonly name: string
  /** Requests before the first page, in order; redirects are part of the list. */
  readonly login: readonly LoginStep[]
  readonly logout: PortalRequest
  readonly pages: Readonly<Record<string, PortalPage>>
}

/**
 * One navigation of the login chain. `expect` is the status that means "go on"; a 303 is
 * followed to its `Location` as the next step.
 */
export interface LoginStep extends PortalRequest {
  readonly expect: number
}

export interface PortalPage {
  readonly title: string
  /** The navigation itself. */
  readonly document: PortalRequest
  /** Data calls, sent in parallel once the document has arrived. */
  readonly data: readonly PortalRequest[]
  /** Fingerprinted files; fetched once a session, then from the browser's cache. */
  readonly assets: readonly string[]
  /** Optional writes a person may do on this page; a visit says which. */
  readonly writes: readonly PortalWrite[]
}

/**
 * `path` may hold `{school}`, `{class}`, `{account}`, `{role}`, `{item}` and `{key}`.
 * `service` names the portal's own service class: the stand-in's cost, the report's row.
 */
export interface PortalRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly service: string
  /** Bytes of the request body, when there is one. */
  readonly bodyBytes?: number
}

export interface PortalWrite extends PortalRequest {
  readonly name: string
  /** Chance that a visit of this page does this write, by role; absent roles never do. */
  readonly chance: Readonly<Partial<Record<'pupil' | 'parent' | 'teacher' | 'staff', number>>>
  /** Counted in the write audit (telemetry is not). */
  readonly audited: boolean
}
