import { t as root, test } from 'tap'
import { leakTrial } from './leak-trial.ts'
import { type MutantName, mutants, survivors } from './mutants.ts'

const seed = process.env['ECLUSE_TEST_SEED'] ?? '20261123'
const patient = { timeout: 280_000 }
root.setTimeout(600_000)

// The long form, a million requests, is `npm run leaks`.
test('a thousand people never read what is another’s', patient, async (t) => {
  const { leak, own, said } = await leakTrial({ seed, requests: 20_000, ownAtLeast: 1000 })
  t.equal(leak, null, `npm run leaks -- --seed ${seed} --requests 20000`)
  t.equal(said, '', 'the edge had nothing to complain of')
  for (const [kind, count] of Object.entries(own)) t.ok(count >= 1000, `${kind}: ${count}`)
})

for (const mutant of Object.keys(mutants) as MutantName[]) {
  test(`an edge is found out: ${mutant}`, patient, async (t) => {
    const { leak, sent, seconds } = await leakTrial({ seed, requests: 60_000, mutant })
    t.not(leak, null, `${sent} requests in ${seconds.toFixed(1)} s: ${leak?.split('\n', 1)[0]}`)
  })
}

for (const mutant of Object.keys(survivors) as MutantName[]) {
  test(`nothing leaks even if ${mutant}`, patient, async (t) => {
    const { leak } = await leakTrial({ seed, requests: 4000, mutant })
    t.equal(leak, null)
  })
}
