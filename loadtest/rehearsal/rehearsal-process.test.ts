import { join } from 'node:path'
import { test } from 'tap'
import { rehearse, tempFolder } from './rehearse-client.ts'

const small = ['--arms', 'edge', '--scale', '0.01', '--minutes', '0.25']

test('the end of any part ends the rehearsal, which says which one and how', {
  jobs: 2,
}, async (t) => {
  const parts = {
    'stand-in': / stand-in --ledger/,
    edge: / gateway --config/,
    workers: / workers --config/,
    'durable Redis': /redis-\w+ .*redis-durable\.sock/,
    'volatile Redis': /redis-\w+ .*redis-volatile\.sock/,
    'load engine': / run closure-morning /,
  }
  for (const [name, pattern] of Object.entries(parts)) {
    void t.test(name, { buffered: true }, async (t) => {
      const run = rehearse(t, [...small, '--out', join(tempFolder(t), 'out')])
      await run.untilSeen(/ run closure-morning /)
      run.kill(pattern)
      const { status, tookMs } = await run.end
      t.match(run.errors(), new RegExp(`the ${name} was ended by SIGKILL`))
      t.equal(status, 1)
      t.ok(tookMs < 10_000, `ended within ${tookMs} ms`)
      t.strictSame(await run.remains(), [])
    })
  }
})
