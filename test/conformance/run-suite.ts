import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getResults, runTests } from 'http-cache-tests/client/runner.mjs'
import suites from 'http-cache-tests/tests/index.mjs'
import surrogateControl from 'http-cache-tests/tests/surrogate-control.mjs'
import { initKeys } from '../../gateway/keys/key-store.ts'
import { endOf, startEcluse } from '../support/ecluse.ts'
import { type CaseResult, resultsOf } from './score.ts'
import { openSuiteClient } from './suite-client.ts'
import { openSuiteOrigin } from './suite-origin.ts'

/** The policy that the suite is run under; conformance.test.ts lists how it differs. */
export const conformancePolicy = fileURLToPath(new URL('policy.yaml', import.meta.url))

// As the suite's own command does.
const all = [...suites, surrogateControl]

/**
 * Runs the suite against an edge of its own, started as people start it. Once a process: the
 * suite keeps its results in a module. Some twenty seconds, because its cases wait three each.
 */
export async function runSuite(): Promise<readonly CaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-conformance-'))
  const keys = join(folder, 'keys')
  initKeys(keys)
  const origin = await openSuiteOrigin()
  const settings = {
    'listen.port': '0',
    'operations.port': '0',
    'internal.port': '0',
    'origin.url': origin.url,
    'keys.folder': keys,
    'policy.file': conformancePolicy,
    'drain.seconds': '0',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const edge = startEcluse('gateway', ...flags, '--stop-with-parent')
  const ended = endOf(edge)
  const client = openSuiteClient()
  try {
    const [line] = (await once(edge.stdout, 'data')) as [string]
    const { url } = JSON.parse(line) as { url: string }
    await runTests(all, client.fetch, false, url)
    return resultsOf(all, getResults())
  } finally {
    client.close()
    edge.kill('SIGTERM')
    await ended
    await origin.close()
    rmSync(folder, { recursive: true })
  }
}
