import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'

// A tenth of what `node --expose-gc test/support/memory-growth.ts 1000000` does, twelve times what fits.
test('memory stays under its bound with 10^5 distinct keys, garbage aside', async (t) => {
  const program = fileURLToPath(new URL('../../test/support/memory-growth.ts', import.meta.url))
  // Without the runner's preloads, which count towards the heap.
  const { NODE_OPTIONS: _, ...env } = process.env
  const run = spawnSync(process.execPath, ['--expose-gc', program, '100000'], {
    env,
    encoding: 'utf8',
  })
  t.equal(run.status, 0, run.stderr)
  const { boundBytes, countedBytes, liveBytes, rssGrowthBytes } = JSON.parse(run.stdout)
  t.comment(
    `bound ${boundBytes}, counted ${countedBytes}, live ${liveBytes}, RSS ${rssGrowthBytes}`,
  )
  t.ok(countedBytes <= boundBytes && countedBytes > 0.95 * boundBytes, 'full, to its own count')
  t.ok(liveBytes <= boundBytes, 'and to the heap’s')
  t.ok(liveBytes > 0.5 * boundBytes, 'the count is not made up')
})
