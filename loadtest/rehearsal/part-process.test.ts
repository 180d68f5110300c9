import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'tap'
import { ecluse, partFailure, startPart } from './part-process.ts'

/** A process that starts a part, tells its number, and waits to be killed. */
const parent = `
  const { startPart } = await import(${JSON.stringify(import.meta.resolve('./part-process.ts'))})
  const [script] = process.argv.slice(1)
  const spec = { name: 'part', command: 'sh', parameters: ['-c', script] }
  const part = startPart(spec, { readyMs: 5_000, endMs: 60_000 })
  await part.becomesReady
  console.log(part.ready.id)
  setInterval(() => undefined, 1_000)
`

test('a part whose parent is killed ends within seconds, even one that heeds nothing', async (t) => {
  const said = `echo "{\\"event\\":\\"ready\\",\\"id\\":\\"$$\\"}"`
  const rows = [
    { phrase: 'a program that does not watch its parent', script: `${said}; exec sleep 61` },
    { phrase: 'one that heeds no signal', script: `trap '' TERM HUP; ${said}; sleep 62 & wait` },
  ]
  await Promise.all(
    rows.map(async ({ phrase, script }) => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', parent, '--', script])
      t.teardown(() => child.kill('SIGKILL'))
      const [line] = await once(createInterface(child.stdout), 'line')
      child.kill('SIGKILL')
      t.ok(await isGroupGone(Number(line)), phrase)
    }),
  )
})

test('what a part started does not outlive it', async (t) => {
  const script = `sleep 63 & echo '{"event":"ready"}'; kill -9 $$`
  const spec = { name: 'part', command: 'sh', parameters: ['-c', script] }
  // `exited` waits for the pipes that the sleeper holds: it would take a minute.
  const { signal } = await startPart(spec, { readyMs: 5_000, endMs: 60_000 }).exited
  t.equal(signal, 'SIGKILL')
})

test('says of a part which one it was, how it ended, and what went wrong above the stack', async (t) => {
  const stack = 'Error: no space left on device\n    at write (node:fs:1)\n\nNode.js v26.10.0\n'
  const rows = [
    {
      exit: { code: 1, signal: null, lastWords: stack },
      says: 'the edge ended with exit code 1; its last words:\n  Error: no space left on device',
    },
    {
      exit: { code: null, signal: 'SIGKILL', lastWords: '' },
      says: 'the edge was ended by SIGKILL.',
    },
  ]
  for (const { exit, says } of rows) t.equal(partFailure('edge', exit).message, says)
})

test('a command of ours runs on the Node that runs us', async (t) => {
  t.match(ecluse('edge', ['gateway']), {
    name: 'edge',
    command: process.execPath,
    parameters: [/bin\/ecluse$/, 'gateway'],
  })
})

async function isGroupGone(id: number): Promise<boolean> {
  for (let round = 0; round < 80; round += 1) {
    try {
      process.kill(-id, 0)
    } catch {
      return true
    }
    await delay(100)
  }
  return false
}
