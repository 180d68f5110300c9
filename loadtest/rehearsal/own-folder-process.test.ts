import { join } from 'node:path'
import { test } from 'tap'
import { rehearse, tempFolder } from './rehearse-client.ts'

const small = ['--arms', 'edge', '--scale', '0.01', '--minutes', '0.25']

test('whatever ends the rehearsal itself leaves no process and no folder', {
  jobs: 2,
}, async (t) => {
  const rows = [
    { name: 'SIGTERM', signals: ['SIGTERM'], status: 130 },
    { name: 'a terminal that closes', signals: ['SIGHUP'], status: 130 },
    { name: 'Ctrl-C twice', signals: ['SIGINT', 'SIGINT'], status: 130 },
    { name: 'kill -9', signals: ['SIGKILL'], status: null },
  ] as const
  for (const { name, signals, status } of rows) {
    void t.test(name, { buffered: true }, async (t) => {
      const run = rehearse(t, [...small, '--out', join(tempFolder(t), 'out')])
      await run.untilSeen(/ run closure-morning /)
      for (const signal of signals) await run.signal(signal)
      const end = await run.end
      t.equal(end.status, status)
      t.ok(end.tookMs < 10_000, `ended within ${end.tookMs} ms`)
      t.strictSame(await run.remains(), [])
    })
  }
})
