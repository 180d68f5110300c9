import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'tap'
import { command, logIn, statisticsOf, temporaryFolder } from './visitor-client.ts'

// What `ecluse stand-in` does; the command itself has no file ending, which tap's hooks need.
const entry = `
  const { main } = await import(${JSON.stringify(import.meta.resolve('./main.ts'))})
  process.exitCode = await main(process.argv.slice(1))
`
const standIn = ['--input-type=module', '--eval', entry, '--']

async function started(test: { teardown(action: () => unknown): void }, flags: readonly string[]) {
  const child = spawn(process.execPath, [...standIn, ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  test.teardown(() => child.kill('SIGKILL'))
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const ready = JSON.parse(String(line)) as { event: string; url: string; controlUrl: string }
  if (ready.event !== 'ready') throw new Error(`not ready: ${String(line)}`)
  await command(ready, 'faults', { slowFactor: 0.01 })
  return { child, ...ready }
}

async function exitOf(child: ChildProcess): Promise<number | string | null> {
  const [code, signal] = await once(child, 'exit')
  return code ?? signal
}

test('applied writes survive a killed process, and its successor refuses to repeat them', async (t) => {
  const ledger = join(temporaryFolder(t), 'ledger')
  const flags = ['--ledger', ledger, '--deduplicate', 'on']
  const before = await started(t, flags)
  const visitor = await logIn(before)
  const first = await (await visitor.write('k1')).text()
  before.child.kill('SIGKILL')
  t.equal(await exitOf(before.child), 'SIGKILL')
  t.equal(readFileSync(ledger, 'utf8').split('\n').length, 2)

  const after = await started(t, [...flags, '--cold'])
  const returning = await logIn(after)
  t.not(returning.cookie, visitor.cookie, 'sessions did not survive')
  t.equal(await (await returning.write('k1')).text(), first)
  t.match(await (await returning.write('k2')).json(), { id: 'w2' })
  const { writesApplied, duplicatesRefused } = await statisticsOf(after)
  t.same({ writesApplied, duplicatesRefused }, { writesApplied: 2, duplicatesRefused: 1 })
  after.child.kill('SIGTERM')
  t.equal(await exitOf(after.child), 0)
})

test('it crashes, quits and follows its parent when told', async (t) => {
  const flags = ['--ledger', join(temporaryFolder(t), 'ledger')]
  const crashing = await started(t, flags)
  const crashed = exitOf(crashing.child)
  await command(crashing, 'crash', {}).catch(() => undefined)
  t.equal(await crashed, 9)

  const quitting = await started(t, flags)
  const quit = exitOf(quitting.child)
  await command(quitting, 'quit', {})
  t.equal(await quit, 0)

  const orphan = await started(t, [...flags, '--stop-with-parent'])
  orphan.child.stdin?.end()
  t.equal(await exitOf(orphan.child), 0)
})

test('a stop does not wait for the requests in service', async (t) => {
  const portal = await started(t, ['--ledger', join(temporaryFolder(t), 'ledger')])
  await command(portal, 'faults', { stalled: true })
  const pending = fetch(`${portal.url}/schools/s3`).catch(() => 'cut')
  while ((await statisticsOf(portal)).inFlight === 0) continue
  portal.child.kill('SIGTERM')
  t.equal(await exitOf(portal.child), 0)
  t.equal(await pending, 'cut')
})

test('wrong flags are refused with one sentence each', async (t) => {
  const flags = ['--sed', '3', '--port', 'a']
  const child = spawn(process.execPath, [...standIn, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  t.equal(await exitOf(child), 2)
  t.match(lines.sort(), [
    /^ecluse stand-in: --port: expected a whole number/,
    /^ecluse stand-in: --sed: no such setting; did you mean seed\?/,
    /^ecluse stand-in: 3: expected only --flags/,
  ])
})
