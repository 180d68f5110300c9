import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'

// Not through bin/ecluse: the test runner's preload cannot load a module whose name has no ending.
const entry = `
  import { main } from ${JSON.stringify(new URL('main.ts', import.meta.url).href)}
  process.exitCode = await main(process.argv.slice(1))`
const command = ['--input-type=module', '--eval', entry, '--']

function plan(...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...command, ...flags], (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

test('plan says what was asked and planned, and writes the sessions only on request', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plan-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const out = join(folder, 'sessions.ndjson')
  const { code, stdout } = await plan('--scale', '0.02', '--seed', '7', '--json', '--out', out)
  t.equal(code, 0)
  const summary = JSON.parse(stdout)
  t.match(summary.scheduleHash, /^[0-9a-f]{64}$/)
  t.equal(summary.multipliers.requested.pages, 4.5)
  t.equal(summary.checks.filter((check: { holds: boolean }) => !check.holds).length, 0)
  const lines = (await readFile(out, 'utf8')).trim().split('\n')
  t.equal(lines.length, 1 + summary.sessions)
  t.equal(JSON.parse(lines[0] as string).seed, 7)
})

test('plan for people names the phases and the fidelity ledger', async (t) => {
  const { code, stdout } = await plan('baseline-weekday', '--scale', '0.02')
  t.equal(code, 0)
  t.match(stdout, /requested x1, planned x1\.000/)
  t.match(stdout, /peak +17:55-18:05/)
  t.match(stdout, /calendar: compressed/)
})

test('plan completes what is said of a surge, and says what it derived', async (t) => {
  const { code, stdout } = await plan('--scale', '0.02', '--pages', 'x6', '--duration', 'x3')
  t.equal(code, 0)
  t.match(stdout, /pages per visit x1\.5: split observed/)
  t.match(stdout, /sessions x4: pages = sessions x pages per visit/)
  t.match(stdout, /people at once x12: people at once = sessions x duration \(Little\)/)
  t.match(stdout, /requested x6, planned x6\.0/)
})

test('plan --check puts every question, and ends well when all checks hold', async (t) => {
  const { code, stdout } = await plan('--scale', '0.2', '--check', '--minutes', '3', '--json')
  t.equal(code, 0)
  const names = new Set(JSON.parse(stdout).checks.map(({ name }: { name: string }) => name))
  for (const one of [
    'burstiness of logins',
    "people inside (Little's law)",
    'multiplier of gaps',
  ]) {
    t.ok(names.has(one), one)
  }
})

test('plan --check ends in 4 where there are too few people for their figures', async (t) => {
  const few = ['--scale', '0.002', '--seed', '7', '--minutes', '1', '--check']
  const { code, stdout } = await plan(...few)
  t.equal(code, 4)
  t.match(stdout, /FAILS {2}pages per second, peak/)
})

test('plan --week plans every visit of a week', async (t) => {
  const { code, stdout } = await plan('--week', '20000')
  t.equal(code, 0)
  t.match(stdout, /busiest minute +monday 1?\d:\d\d/)
})

const refusals = [
  { flags: ['--pages', 'x2', '--sessions', 'x50'], stderr: /pages per visit x0.04: expected/ },
  { flags: ['--pages', 'lots'], stderr: /--pages: expected a factor like x4\.5/ },
  { flags: ['--scale', '-1'], stderr: /--scale/ },
  { flags: ['--scale=-1'], stderr: /--scale: expected a number from 0.002 to 1 .*, found "-1"/ },
  { flags: ['--speed', '3'], stderr: /--speed/ },
  { flags: ['closure-mornin'], stderr: /did you mean closure-morning\?/ },
  { flags: ['closure-morning', 'baseline-weekday'], stderr: /SCENARIO: expected one/ },
  { flags: ['--scale', '0.002', '--out', '/nowhere/at/all'], stderr: /--out: expected a file/ },
]

test('wrong use ends with exit code 2 and says which setting to change', async (t) => {
  for (const { flags, stderr } of refusals) {
    const found = await plan(...flags)
    t.equal(found.code, 2, flags.join(' '))
    t.match(found.stderr, stderr, flags.join(' '))
    t.equal(found.stdout, '')
  }
})

test('plan --help lists every flag with its default', async (t) => {
  const { code, stdout } = await plan('--help')
  t.equal(code, 0)
  t.match(stdout, /--scale.*default 0\.5/)
})
