// About forty minutes: npm run steady-verdict
import { t as root, test } from 'tap'
import type { Result } from '../../loadtest/report/result.ts'
import { ecluse } from '../support/ecluse.ts'
import { resultsFolder } from './results-folder.ts'

/** Five crowds, and portals that are not quite the one the edge was built on. */
const variations: readonly (readonly string[])[] = [
  ['--seed', '1'],
  ['--seed', '2'],
  ['--seed', '3'],
  ['--seed', '4'],
  ['--seed', '5'],
  ['--capacity-ratio', '0.7'],
  ['--capacity-ratio', '1.3'],
  ['--contention', '0.42'],
  ['--contention', '0.78'],
]

const patient = { timeout: 3_600_000 }
root.setTimeout(3_600_000)

test('the verdict does not hang on the seed or on the portal’s parameters', patient, async (t) => {
  for (const flags of variations) {
    const { stdout, stderr } = await ecluse(
      'rehearse',
      ...flags,
      '--json',
      '--out',
      resultsFolder(t),
    )
    if (stdout === '') throw new Error(stderr)
    const { arms, verdict, writes, leaks } = JSON.parse(stdout) as Result
    const name = flags.join(' ')
    t.comment(`${name}: direct ${arms.direct?.goodputRatio}, edge ${arms.edge?.goodputRatio}`)
    t.equal(verdict, 'pass', `${name}: verdict`)
    t.equal(arms.direct?.outcome, 'breaks', `${name}: direct arm`)
    t.match(writes, { lost: 0, duplicated: 0 }, `${name}: writes`)
    t.equal(leaks.foreignCanaries, 0, `${name}: leaks`)
  }
})
