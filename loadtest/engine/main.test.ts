import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Test, test } from 'tap'
import type { LoadResult } from './load-result.ts'

const entry = `
  const { main } = await import(${JSON.stringify(import.meta.resolve('./main.ts'))})
  process.exitCode = await main(process.argv.slice(1))
`
const small = ['--scale', '0.002', '--minutes', '0.25', '--prelude-seconds', '0']

function run(t: Test, flags: readonly string[]) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', entry, '--', ...flags])
  t.teardown(() => child.kill('SIGKILL'))
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return { child, exit: once(child, 'close'), errors: () => errors }
}

test('wrong use says in one sentence what to change, and how bad it is', async (t) => {
  const down = 'http://127.0.0.1:1'
  const rows = [
    { flags: [], code: 2, says: /--target: expected an address/ },
    { flags: ['--scle', '1'], code: 2, says: /--scle: no such setting; did you mean scale\?/ },
    { flags: ['--target', down, '--scale', '-1'], code: 2, says: /--scale: expected a number/ },
    { flags: ['nowhere', '--target', down], code: 2, says: /SCENARIO: expected/ },
    { flags: ['--target', 'http://portal.example'], code: 6, says: /is not this machine/ },
    { flags: ['--target', down], code: 6, says: /expected a server at http:\/\/127.0.0.1:1/ },
  ]
  await Promise.all(
    rows.map(async ({ flags, code, says }) => {
      const { exit, errors } = run(t, [...flags, ...(flags.includes('--scale') ? [] : small)])
      t.strictSame((await exit)[0], code, flags.join(' '))
      t.match(errors(), says)
    }),
  )
})

test('Ctrl-C ends a run early, keeps its result and says so', async (t) => {
  const server = createServer((_, response) => response.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const folder = await mkdtemp(join(tmpdir(), 'engine-'))
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const out = join(folder, 'load.json')
  const { child, exit } = run(t, [
    '--target',
    target,
    '--out',
    out,
    '--json',
    ...small,
    '--drain-seconds',
    '0',
  ])
  const events: string[] = []
  for await (const line of createInterface(child.stdout)) {
    const { event } = JSON.parse(line) as { event: string }
    if (event === 'progress' && !events.includes('progress')) child.kill('SIGINT')
    events.push(event)
  }
  t.strictSame((await exit)[0], 130)
  t.strictSame([events.includes('phase'), events.at(-1)], [true, 'ended'])
  const result = JSON.parse(await readFile(out, 'utf8')) as LoadResult
  t.match(result, { schemaVersion: 1, endedBy: 'stopped', target, generator: { notStarted: 0 } })
})
