import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { loadPolicy } from '../../gateway/policy/policy-reader-store.ts'
import { conformancePolicy, runSuite } from './run-suite.ts'
import { scoreLine, scoreOf } from './score.ts'
import { waivers } from './waivers.ts'

test('the public cache tests: every failure is waived, and every waiver is needed', async (t) => {
  const score = scoreOf(await runSuite(waivers), waivers)
  t.comment(scoreLine(score))
  t.same(score.unexpected, [])
  t.same(score.idleWaivers, [])
  const page = readFileSync(
    new URL('../../docs/decisions/0006-public-cache-tests.md', import.meta.url),
    'utf8',
  )
  const row = `| Écluse | ${score.required.passed} | ${score.optimal.passed} |`
  t.ok(page.includes(row), `docs/decisions/0006 says ${row}`)
})

test('how the class of the public cache tests differs from one that says nothing', async (t) => {
  const [cases, ...others] = loadPolicy(conformancePolicy).classes
  t.same(others, [])
  t.same(cases?.cache, {
    // What every class with a cache says, and what the schema fills in.
    audience: 'public',
    freshSeconds: 0,
    staleWhileRevalidateSeconds: 0,
    ignoreQuery: [],
    // The suite asks whether an origin that closes is covered by what is stored.
    staleIfErrorSeconds: 60,
    // Its cases about Last-Modified.
    heuristicMaxSeconds: 86_400,
    // Its cases about redirects and errors.
    otherStatusSeconds: 60,
    // Its cases about the client's own Cache-Control.
    mayReload: true,
  })
})
