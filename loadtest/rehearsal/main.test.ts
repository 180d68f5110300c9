import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { rehearse, tempFolder } from './rehearse-client.ts'

const small = ['--arms', 'edge', '--scale', '0.01', '--minutes', '0.25']

interface WrongUse {
  readonly flags: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly code: number
  readonly says: RegExp
}

test('wrong use is one sentence that names the setting, and an exit code', async (t) => {
  const folder = tempFolder(t)
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const rows: readonly WrongUse[] = [
    { flags: ['--scal', '1'], code: 2, says: /--scal: no such setting; did you mean scale\?/ },
    { flags: ['--scale', '-1'], code: 2, says: /--scale: expected a number .*found "-1"/ },
    { flags: ['--scale'], code: 2, says: /--scale: expected a number/ },
    { flags: ['nowhere'], code: 2, says: /SCENARIO: expected .*found "nowhere"/ },
    { flags: ['one', 'two'], code: 2, says: /SCENARIO: expected one, found "one two"/ },
    { flags: [misspelt(folder)], code: 2, says: /mine\.json: .*did you mean multipliers/ },
    { flags: ['--without', 'cahce'], code: 2, says: /--without: .*"cahce"/ },
    { flags: ['--target', 'http://192.0.2.1'], code: 6, says: /--target: .*not this machine/ },
    { flags: ['--target', 'http://127.0.0.1:1'], code: 6, says: /--target: .*found none/ },
    { flags: ['--out', join(file, 'x')], code: 2, says: /--out: expected .*ENOTDIR/ },
    { flags: small, env: { TMPDIR: file }, code: 2, says: /TMPDIR: .*set TMPDIR/ },
    { flags: small, env: { PATH: folder }, code: 2, says: /redis-server .*npm run setup/ },
  ]
  for (const { flags, env, code, says } of rows) {
    const { end, errors } = rehearse(t, [...flags, '--json'], env)
    const { status } = await end
    const name = [...flags, ...Object.keys(env ?? {})].join(' ')
    t.equal(status, code, `exit code of ${name}`)
    t.match(errors().trim().split('\n'), [says], name)
    t.equal(errors().trim().split('\n').length, 1, `one sentence for ${name}`)
  }
})

test('Ctrl-C once ends early, with a report that says so', async (t) => {
  const out = join(tempFolder(t), 'out')
  const run = rehearse(t, [...small, '--out', out])
  await run.untilSeen(/ run closure-morning /)
  await run.signal('SIGINT')
  const { status } = await run.end
  t.equal(status, 130)
  const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as {
    readonly invalidReasons: readonly { readonly id: string }[]
  }
  t.ok(result.invalidReasons.some(({ id }) => id === 'interrupted'))
  t.strictSame(await run.remains(), [])
})

function misspelt(folder: string): string {
  const shipped = new URL('../../scenarios/closure-morning.json', import.meta.url)
  const scenario: unknown = JSON.parse(readFileSync(shipped, 'utf8'))
  const file = join(folder, 'mine.json')
  writeFileSync(file, JSON.stringify({ ...(scenario as object), multiplers: {} }))
  return file
}
