import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { assembleResult } from './assemble.ts'
import { main } from './main.ts'
import { readResult, writeResults } from './results-store.ts'
import { sampleRun } from './sample-evidence.ts'

const result = assembleResult(sampleRun())
const files = ['junit.xml', 'report.html', 'result.json', 'summary.md']

test('writes a whole folder and reads the same result back', async (t) => {
  const folder = join(t.testdir(), 'a', 'b')
  await writeResults(folder, result)
  t.same((await readdir(folder)).sort(), files)
  const reading = await readResult(folder)
  t.same(reading, { kind: 'ok', result })
})

test('a full disk keeps the report before and names the folder and --out', async (t) => {
  const folder = t.testdir({ 'result.json': 'the one before' })
  // A real "no space left" where the system has one to give; elsewhere a file that cannot be made.
  const partial = join(folder, '.report.html.partial')
  if (existsSync('/dev/full')) await symlink('/dev/full', partial)
  else await mkdir(partial)
  const code = existsSync('/dev/full') ? 'ENOSPC' : 'EISDIR'
  await t.rejects(writeResults(folder, result), {
    code: 'results-not-written',
    message: new RegExp(`${code}.*--out`),
  })
  t.equal(await readFile(join(folder, 'result.json'), 'utf8'), 'the one before')
  t.notOk(existsSync(join(folder, '.junit.xml.partial')), 'nothing half-written stays')
})

test('a folder that cannot be made is said with its name', async (t) => {
  const file = join(t.testdir({ taken: 'a file' }), 'taken')
  await t.rejects(writeResults(file, result), { code: 'results-not-written', message: file })
})

test('report FOLDER writes the views again', async (t) => {
  const folder = t.testdir()
  await writeFile(join(folder, 'result.json'), JSON.stringify(result))
  const output = t.capture(process.stdout, 'write', () => true)
  t.equal(await main([folder]), 0)
  t.same((await readdir(folder)).sort(), files)
  t.match(output.args()[0]?.[0], /report\.html\n$/)
})

test('report refuses what is no result with one sentence and exit code 2', async (t) => {
  const broken = {
    ...result,
    arms: { ...result.arms, edge: { ...result.arms.edge, pagesIntended: -1 } },
  }
  const folder = t.testdir({
    text: { 'result.json': 'not json' },
    broken: { 'result.json': JSON.stringify(broken) },
    novel: { 'result.json': JSON.stringify({ ...result, extra: 1 }) },
    empty: {},
  })
  const cases = [
    { argv: [join(folder, 'text')], expect: /result\.json: expected .* no JSON/ },
    { argv: [join(folder, 'broken')], expect: /arms\.edge\.pagesIntended: must be >= 0/ },
    { argv: [join(folder, 'novel')], expect: /: extra: must NOT have additional/ },
    { argv: [join(folder, 'empty')], expect: /ENOENT; choose a results folder/ },
    { argv: [], expect: /Expected one results folder, found 0/ },
    { argv: ['a', 'b'], expect: /found 2/ },
    { argv: ['--nonsense'], expect: /--nonsense/ },
  ]
  for (const { argv, expect } of cases) {
    const output = t.capture(process.stderr, 'write', () => true)
    t.equal(await main(argv), 2, String(expect))
    const text = output.args().join('')
    output.restore()
    t.match(text, expect)
    t.equal(text.trim().split('\n').length, 1, 'one line')
  }
})
