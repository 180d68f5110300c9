import { rmSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'
import { ecluse } from '../../test/support/ecluse.ts'
import { planSchedule } from '../schedule/plan.ts'
import { readScenario } from '../schedule/scenario-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'k6-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'))

test('the exported folder holds every session of the schedule, in the order in which they act', async (t) => {
  const out = join(folder, 'export')
  const { status } = await ecluse('k6', '--scale', '0.02', '--out', out, '--segments', '3')
  t.equal(status, 0)
  const sessions = await readJson(join(out, 'sessions.json'))
  const run = await readJson(join(out, 'run.json'))
  const reading = await readScenario('closure-morning')
  if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
  const schedule = planSchedule({ ...reading, scale: 0.02, seed: 1 })
  t.equal(sessions.length, schedule.sessionCount)
  t.ok(run.vus <= sessions.length)
  const acts = sessions.map(({ atMs, warmMs }: { atMs: number; warmMs?: number }) =>
    warmMs === undefined ? atMs : warmMs - run.preludeMs,
  )
  t.same(
    acts,
    [...acts].sort((a: number, b: number) => a - b),
  )
  const manifest = parse(await readFile(join(out, 'testrun.yaml'), 'utf8'))
  t.match(manifest, { kind: 'TestRun', spec: { parallelism: 3, script: { volumeClaim: {} } } })
  t.match(await readFile(join(out, 'replay.ts'), 'utf8'), /shared-iterations/)
})

const refused = [
  { flags: ['--run'], code: 2, says: /--target: expected an address/ },
  { flags: ['--run', '--target', 'http://192.0.2.1:80'], code: 6, says: /is not this machine/ },
  { flags: ['--vus', '0'], code: 2, says: /--vus: expected a whole number from 1/ },
  { flags: ['--pages', 'x0'], code: 2, says: /--pages: expected a factor/ },
]

for (const { flags, code, says } of refused) {
  test(`wrong use is refused: ${flags.join(' ')}`, async (t) => {
    const end = await ecluse('k6', '--scale', '0.002', '--out', join(folder, 'no'), ...flags)
    t.equal(end.status, code)
    t.match(end.stderr, says)
  })
}
