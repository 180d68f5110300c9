// About two minutes, and needs k6 2 on the path: node test/long/k6-beside-engine.ts
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { t as root, test } from 'tap'
import type { LoadResult } from '../../loadtest/engine/load-result.ts'
import type { Result } from '../../loadtest/report/result.ts'
import { ecluse, startEcluse } from '../support/ecluse.ts'
import { resultsFolder } from './results-folder.ts'

root.setTimeout(300_000)
const schedule = ['--scale', '0.05', '--minutes', '0.75']
const skip = hasK6() ? false : 'no k6 2 on the path'

test('k6 and our engine play one schedule: sessions and pages agree', { skip }, async (t) => {
  const folder = resultsFolder(t)
  const target = await standInFor(t, folder)
  const out = join(folder, 'engine.json')
  await ecluse('run', ...schedule, '--target', target, '--out', out)
  const engine = JSON.parse(readFileSync(out, 'utf8')) as LoadResult
  const k6Folder = join(folder, 'k6')
  const { status, stderr } = await ecluse(
    'k6',
    ...schedule,
    '--out',
    k6Folder,
    '--run',
    '--target',
    target,
  )
  t.ok([0, 3, 4].includes(status), stderr)
  const k6 = JSON.parse(readFileSync(join(k6Folder, 'results', 'result.json'), 'utf8')) as Result
  const arm = k6.arms.direct
  t.equal(k6.scheduleHash, engine.planHash)
  t.equal(k6.generator.deliveredRatio, 1, 'every session of the schedule began')
  t.equal(arm?.people.sessions, engine.people.started + engine.people.warm)
  const pages = (arm?.pagesIntended ?? 0) / engine.total.pages.intended
  t.ok(Math.abs(pages - 1) < 0.02, `pages of k6 over ours: ${pages}`)
  t.comment(
    `pages ${arm?.pagesIntended} (k6), ${engine.total.pages.intended} (ours); ` +
      `p95 ${arm?.p95Ms} and start lag p99 ${k6.generator.startLagP99Ms} ms (k6), ` +
      `start lag p99 ${engine.generator.startLagP99Ms} ms (ours)`,
  )
})

/** A stand-in that nothing here can saturate. */
async function standInFor(t: { teardown(fn: () => void): void }, folder: string): Promise<string> {
  const ledger = join(folder, 'ledger')
  const standIn = startEcluse('stand-in', '--ledger', ledger, '--database-slots', '200')
  t.teardown(() => standIn.kill())
  for await (const text of standIn.stdout.setEncoding('utf8')) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text as string)?.[0]
    if (found !== undefined) return found
  }
  throw new Error('the stand-in ended before it listened')
}

function hasK6(): boolean {
  try {
    return execFileSync('k6', ['version'], { encoding: 'utf8' }).startsWith('k6 v2.')
  } catch {
    // Skipped, and said so.
    return false
  }
}
