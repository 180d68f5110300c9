import { runSuite } from './run-suite.ts'
import { scoreLine, scoreOf } from './score.ts'
import { waivers } from './waivers.ts'

/** `npm run conformance [-- CASE…]`: the suite's score, and what stands behind it. */
const results = await runSuite(waivers)
const score = scoreOf(results, waivers)
const wanted = new Set(process.argv.slice(2))
for (const { id, kind, name, failure } of results) {
  if (wanted.has(id)) console.log(`${id} (${kind}): ${failure ?? 'passed'}\n  ${name}`)
}
for (const { id, kind, failure } of results) {
  if (failure !== null && kind === 'check') console.log(`no      ${id}: ${failure}`)
}
for (const { id, reason } of waivers) console.log(`waived  ${id}: ${reason}`)
for (const { id, kind, failure } of score.unexpected) {
  console.log(`FAILED  ${id} (${kind}): ${failure}`)
}
for (const id of score.idleWaivers) console.log(`FAILED  ${id}: its waiver is no longer needed`)
console.log(scoreLine(score))
process.exitCode = score.unexpected.length + score.idleWaivers.length === 0 ? 0 : 1
