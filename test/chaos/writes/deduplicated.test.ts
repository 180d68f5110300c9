import { test } from 'tap'
import { runChaos } from './chaos-process.ts'

// The long form, with every kind of harm at every moment: npm run chaos -- writes
test('whatever is killed, frozen or filled, no receipt was false', async (t) => {
  const { audit, isDrained } = await runChaos({
    outcome: 'dedupes',
    appendfsync: 'always',
    mutant: null,
    only: null,
    writes: 1_500,
    faults: 8,
    people: 40,
    seed: 1,
    say: () => undefined,
  })
  t.ok(isDrained, 'nothing waits in the end')
  t.ok(audit.acknowledged >= 1_500)
  t.same(audit.lost, [], `of ${audit.acknowledged} acknowledged none is lost`)
  t.same(audit.duplicated, [], 'none is applied twice')
  t.same(audit.disordered, [], 'each person’s in order')
  t.equal(audit.deadLetters, 0, 'where the portal deduplicates, all are applied')
})
