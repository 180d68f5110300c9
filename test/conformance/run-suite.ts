import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setBaseUrl, setFetch } from 'http-cache-tests/client/config.mjs'
import { makeCacheTest, testResults } from 'http-cache-tests/client/test.mjs'
import suites from 'http-cache-tests/tests/index.mjs'
import surrogateControl from 'http-cache-tests/tests/surrogate-control.mjs'
import { initKeys } from '../../gateway/keys/key-store.ts'
import { endOf, startEcluse } from '../support/ecluse.ts'
import { type CaseResult, resultsOf, scoreOf, type Waiver } from './score.ts'
import { openSuiteClient } from './suite-client.ts'
import { openSuiteOrigin } from './suite-origin.ts'

/** The policy that the suite is run under; conformance.test.ts lists how it differs. */
export const conformancePolicy = fileURLToPath(new URL('policy.yaml', import.meta.url))

// As the suite's own command does.
const all = [...suites, surrogateControl]

/** Cases at once, as in the suite's own command. */
const atOnce = 100

/**
 * Runs the suite against an edge of its own, started as people start it. Once a process: the
 * suite keeps its results in a module. Some twenty seconds, because its cases wait three each.
 *
 * A case that fails although nobody waived it is run once more: the cases go by the clock, some by
 * two seconds of it, and a machine that stands still that long is not the edge's fault.
 */
export async function runSuite(waivers: readonly Waiver[]): Promise<readonly CaseResult[]> {
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
    setFetch(client.fetch)
    setBaseUrl(url)
    await runCases(all.flatMap(({ tests }) => tests))
    const { unexpected } = scoreOf(resultsOf(all, testResults), waivers)
    const again = all
      .flatMap(({ tests }) => tests)
      .filter((one) => unexpected.some(({ id }) => id === one.id && testResults[id] !== true))
    for (const { id } of again) delete testResults[id]
    await runCases(again)
    return resultsOf(all, testResults)
  } finally {
    client.close()
    edge.kill('SIGTERM')
    await ended
    await origin.close()
    rmSync(folder, { recursive: true })
  }
}

async function runCases(cases: readonly SuiteCase[]): Promise<void> {
  const ours = cases.filter((one) => one.browser_only !== true)
  for (let at = 0; at < ours.length; at += atOnce) {
    // A copy: the suite writes dates into its cases.
    await Promise.all(ours.slice(at, at + atOnce).map((one) => makeCacheTest(structuredClone(one))))
  }
}
