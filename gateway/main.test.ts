import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test } from 'tap'
import { ask } from '../test/support/client.ts'
import { ecluse, endOf, startEcluse } from '../test/support/ecluse.ts'
import { initKeys } from './keys/key-store.ts'

const policy = fileURLToPath(new URL('dialects/reference.yaml', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ecluse-main-'))
after(() => rmSync(folder, { recursive: true }))
const keys = join(folder, 'keys')
initKeys(keys)

const good = {
  'listen.port': '0',
  'operations.port': '0',
  'internal.port': '0',
  'origin.url': 'http://127.0.0.1:9',
  'keys.folder': keys,
  'policy.file': policy,
  'drain.seconds': '1',
}

function flagsOf(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}

test('the edge says where it is, and stops when it is told to or its parent ends', async (t) => {
  const stopWith = async (how: NodeJS.Signals | 'its parent') => {
    const child = startEcluse('gateway', ...flagsOf(good), '--stop-with-parent')
    const ended = endOf(child)
    const [line] = (await once(child.stdout, 'data')) as [string]
    const ready = JSON.parse(line)
    t.equal(ready.event, 'ready')
    t.equal((await ask(`${ready.url}/.ecluse/health`)).status, 200)
    t.equal((await ask(`${ready.operationsUrl}/health`)).status, 200)
    t.equal((await ask(ready.internalUrl)).status, 401)
    if (how === 'its parent') child.stdin.end()
    else child.kill(how)
    t.same(await ended, { status: 0, stdout: line, stderr: '' }, how)
  }
  await Promise.all([stopWith('SIGTERM'), stopWith('SIGINT'), stopWith('its parent')])
})

test('a mistake in the settings is one sentence and exit 2', async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const taken = String((server.address() as { port: number }).port)
  const brokenPolicy = join(folder, 'policy.yaml')
  writeFileSync(brokenPolicy, 'version: 0\n')
  const brokenConfig = join(folder, 'config.yaml')
  writeFileSync(brokenConfig, 'listen: [\n')
  const misspelt = join(folder, 'misspelt.yaml')
  writeFileSync(misspelt, 'listen:\n  prot: 1\n')
  const rows: { settings: Record<string, string>; says: RegExp }[] = [
    {
      settings: { ...good, 'internal.port': taken },
      says: new RegExp(`port ${taken} .*internal\\.port`),
    },
    { settings: { ...good, 'keys.folder': folder }, says: /keys\.folder: .*ecluse keys init/ },
    { settings: { ...good, 'policy.file': brokenPolicy }, says: /policy\.yaml:1:10 version/ },
    { settings: { ...good, config: join(folder, 'none') }, says: /--config: cannot read/ },
    { settings: { ...good, config: brokenConfig }, says: /--config: .*not YAML/ },
    { settings: { ...good, config: misspelt }, says: /listen\.prot: .*did you mean listen\.port/ },
  ]
  await Promise.all(
    rows.map(async ({ settings, says }) => {
      const { status, stderr } = await ecluse('gateway', ...flagsOf(settings))
      t.match(stderr, says)
      t.notMatch(stderr, /\n\s+at /, 'a sentence, not a stack')
      t.equal(status, 2, stderr)
    }),
  )
})
