import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('the packed package runs where it is installed, and carries no test', {
  timeout: 110_000,
}, (t) => {
  // What the test runner adds to every Node is not for the compiler; `env` takes it off again.
  const build = ['-u', 'NODE_OPTIONS', process.execPath, join(root, 'bin/package.js')]
  execFileSync('/usr/bin/env', build, { stdio: ['ignore', 'ignore', 'inherit'] })
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-package-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(root, 'dist'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [tarball] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }]
  const paths = tarball.files.map(({ path }) => path)
  t.same(
    paths.filter((path) => /\.test\.|-fixture\.|(^|\/)test\//.test(path)),
    [],
  )
  for (const path of ['LICENSE', 'README.md', 'bin/ecluse', 'gateway/dialects/reference.yaml']) {
    t.ok(paths.includes(path), path)
  }
  t.same(
    paths.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts')),
    [],
    'nothing that Node would not run below node_modules',
  )

  execFileSync('tar', ['-xzf', join(folder, tarball.filename), '-C', folder])
  const installed = join(folder, 'node_modules', 'ecluse')
  execFileSync('mkdir', ['-p', join(folder, 'node_modules')])
  execFileSync('mv', [join(folder, 'package'), installed])
  // Its dependencies are the ones of this repository: what npm fetches is not under test here.
  for (const name of readdirSync(join(root, 'node_modules'))) {
    const link = join(folder, 'node_modules', name)
    if (!existsSync(link) && name !== '.bin') symlinkSync(join(root, 'node_modules', name), link)
  }
  const command = ['-u', 'NODE_OPTIONS', process.execPath, join(installed, 'bin/ecluse')]
  const run = (...parameters: string[]) =>
    spawnSync('/usr/bin/env', [...command, ...parameters], { encoding: 'utf8', cwd: folder })
  t.match(run('plan', '--scale', '0.01'), { status: 0, stdout: /sessions/ })
  const policy = join(installed, 'gateway/dialects/reference.yaml')
  t.equal(run('policy', 'check', policy).status, 0)
  t.equal(run('keys', 'init', join(folder, 'keys')).status, 0)
  // Every process of a rehearsal is started from the package.
  const rehearse = [
    'rehearse',
    '--scale',
    '0.01',
    '--minutes',
    '0.25',
    '--out',
    join(folder, 'out'),
  ]
  const { status, stderr } = run(...rehearse)
  t.ok([0, 3, 4].includes(status ?? 1), stderr)
  t.ok(existsSync(join(folder, 'out', 'report.html')))
  t.end()
})
