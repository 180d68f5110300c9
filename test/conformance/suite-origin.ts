import handleConfig from 'http-cache-tests/server/handle-config.mjs'
import handleState from 'http-cache-tests/server/handle-state.mjs'
import handleTest from 'http-cache-tests/server/handle-test.mjs'
import { openOrigin, type TestOrigin } from '../support/origin.ts'

const handlers: Readonly<Record<string, SuiteHandler>> = {
  config: handleConfig,
  state: handleState,
  test: handleTest,
}

/**
 * The origin that the suite brings, on a free port. Its own entry point takes a fixed port and
 * writes a file; the handlers, which are what the cases talk to, are used as they are.
 */
export function openSuiteOrigin(): Promise<TestOrigin> {
  return openOrigin((request, response) => {
    const [name = '', ...segments] = new URL(request.url ?? '/', 'http://suite').pathname
      .split('/')
      .slice(1)
    const handle = handlers[name]
    if (handle) handle(segments, request, response)
    else response.writeHead(404).end()
  })
}
