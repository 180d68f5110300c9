// The suite carries no types; these are the parts the runner touches.

declare module 'http-cache-tests/tests/index.mjs' {
  const suites: SuiteOfCases[]
  export default suites
}

declare module 'http-cache-tests/tests/surrogate-control.mjs' {
  const suite: SuiteOfCases
  export default suite
}

declare module 'http-cache-tests/client/config.mjs' {
  export function setFetch(fetch: (url: string, init?: SuiteRequest) => Promise<SuiteAnswer>): void
  export function setBaseUrl(url: string): void
}

declare module 'http-cache-tests/client/test.mjs' {
  /** Writes the outcome into `testResults`, which must have none for it. */
  export function makeCacheTest(one: SuiteCase): Promise<void>
  export const testResults: Record<string, true | [kind: string, message: string]>
}

declare module 'http-cache-tests/server/handle-config.mjs' {
  const handle: SuiteHandler
  export default handle
}

declare module 'http-cache-tests/server/handle-state.mjs' {
  const handle: SuiteHandler
  export default handle
}

declare module 'http-cache-tests/server/handle-test.mjs' {
  const handle: SuiteHandler
  export default handle
}

interface SuiteCase {
  readonly id: string
  readonly name: string
  /** `required` unless said otherwise. */
  readonly kind?: 'required' | 'optimal' | 'check'
  readonly depends_on?: readonly string[]
  readonly browser_only?: boolean
}

interface SuiteOfCases {
  readonly id: string
  readonly name: string
  readonly tests: readonly SuiteCase[]
}

interface SuiteRequest {
  readonly method?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}

interface SuiteAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  text(): Promise<string>
}

type SuiteHandler = (segments: readonly string[], request: object, response: object) => void
