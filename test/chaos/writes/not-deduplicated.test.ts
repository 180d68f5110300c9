import { test } from 'tap'
import { type ChaosFacts, runChaos } from './chaos-process.ts'
import { mutants } from './mutants.ts'

const small: ChaosFacts = {
  outcome: 'neither',
  appendfsync: 'always',
  mutant: null,
  only: null,
  writes: 500,
  faults: 4,
  people: 40,
  seed: 2,
  say: () => undefined,
}

test('where the portal cannot deduplicate nothing is doubled, and every doubt is listed', async (t) => {
  const { audit, isDrained, deadLetterReasons } = await runChaos(small)
  t.ok(isDrained, 'nothing waits in the end')
  t.same(audit.lost, [], `of ${audit.acknowledged} acknowledged none is lost`)
  t.same(audit.duplicated, [], 'none is applied twice')
  t.same(audit.disordered, [], 'each person’s in order')
  const reasons = [...deadLetterReasons.keys()]
  t.same(
    reasons.filter((reason) => reason !== 'outcome-unknown'),
    [],
  )
})

test('the audit is not blind: without the check of the key it finds doubles', async (t) => {
  const { faults: only } = mutants['no-idempotency-check']
  const { audit } = await runChaos({ ...small, mutant: 'no-idempotency-check', only, faults: 3 })
  t.ok(audit.duplicated.length > 0, `${audit.duplicated.length} doubled`)
})
