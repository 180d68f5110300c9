import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { ecluse } from '../../test/support/ecluse.ts'
import { assembleResult } from '../report/assemble.ts'
import { writeResults } from '../report/results-store.ts'
import { sampleRun } from '../report/sample-evidence.ts'

test('two folders are compared; anything else is refused with what was expected', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'compare-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeResults(folder, assembleResult(sampleRun()))
  const same = await ecluse('compare', folder, folder)
  t.equal(same.status, 0, same.stderr)
  t.match(same.stdout, /^direct: no regression/)
  const one = await ecluse('compare', folder)
  t.match(one, { status: 2, stderr: /expected two results folders, found 1/ })
  const none = await ecluse('compare', folder, join(folder, 'nowhere'))
  t.match(none, { status: 2, stderr: /expected the result of a run/ })
})
