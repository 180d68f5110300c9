import { test } from 'tap'
import { applyWithinMs } from '../../gateway/write-absorption/intake.ts'
import { readPolicy } from '../../gateway/policy/policy-reader-store.ts'
import { auditLines } from '../../queue-workers/queue-control-store.ts'
import { keptSeconds } from '../../queue-workers/write-job.ts'
import { tableUnder } from './markdown.ts'
import { textOf } from './sources.ts'

test('the durations of the data protection document are those of the program', async (t) => {
  const reading = readPolicy(textOf('gateway/dialects/reference.yaml'))
  if (reading.kind === 'refused') throw new Error(reading.problems.join('\n'))
  const { passSeconds } = reading.policy.session
  const rows = tableUnder(textOf('docs/rgpd.md'), 'Durées de conservation')
  t.same(
    rows.map((cells) => cells[2]),
    [
      `${applyWithinMs / 3_600_000} heures`,
      '0 heure',
      `${keptSeconds / 3_600} heures`,
      'jusqu’à la décision d’une personne',
      `${passSeconds / 3_600} heures`,
      `les ${auditLines} dernières`,
    ],
  )
})
