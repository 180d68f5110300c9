import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { openSpool } from './spool-client.ts'
import { type SpooledWrite, SpoolStore } from './spool-store.ts'

function newFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-spool-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

const write = (n: number, change: Partial<SpooledWrite> = {}): SpooledWrite => ({
  id: `w0-${n}`,
  fingerprint: `f${n}`,
  mailbox: `m${n % 3}`,
  acceptedAtMs: 1_000 + n,
  job: JSON.stringify({ n }),
  ...change,
})

const ids = (rows: readonly SpooledWrite[]) => rows.map(({ id }) => id)

test('writes come back in the order in which they were promised, also after a restart', (t) => {
  const folder = newFolder(t)
  const first = new SpoolStore(folder, 1e6)
  first.append([write(3), write(1)])
  first.append([write(2)])
  t.same(ids(first.head(10)), ['w0-3', 'w0-1', 'w0-2'])
  first.close()
  const second = new SpoolStore(folder, 1e6)
  t.same(ids(second.head(10)), ['w0-3', 'w0-1', 'w0-2'])
  t.same(second.totals().writes, 3)
  t.equal(second.totals().oldestAtMs, 1_003)
  second.remove(second.head(1).map(({ seq }) => seq))
  t.same(ids(second.head(10)), ['w0-1', 'w0-2'])
  second.close()
  t.end()
})

test('a repeated id is stored once, and says what was stored first', (t) => {
  const store = new SpoolStore(newFolder(t), 1e6)
  store.append([write(1)])
  const [same, other] = store.append([
    write(1, { acceptedAtMs: 9_000 }),
    write(1, { fingerprint: 'another' }),
  ])
  t.same(same, { kind: 'stored', isNew: false, fingerprint: 'f1', acceptedAtMs: 1_001 })
  t.same(other, { kind: 'stored', isNew: false, fingerprint: 'f1', acceptedAtMs: 1_001 })
  t.equal(store.totals().writes, 1)
  store.close()
  t.end()
})

test('the bound holds, and what is forwarded makes room', (t) => {
  const store = new SpoolStore(newFolder(t), 3_000)
  const kinds = store.append([1, 2, 3, 4, 5, 6, 7].map((n) => write(n))).map(({ kind }) => kind)
  t.same(kinds.indexOf('full'), 5)
  t.ok(store.totals().bytes <= 3_000)
  store.remove(store.head(1).map(({ seq }) => seq))
  t.equal(store.append([write(8)])[0]?.kind, 'stored')
  t.equal(store.append([write(9)])[0]?.kind, 'full')
  store.close()
  t.end()
})

test('a file that is held is left alone; once its holder has ended its writes are adopted', (t) => {
  const folder = newFolder(t)
  const first = new SpoolStore(folder, 1e6)
  const second = new SpoolStore(folder, 1e6)
  first.append([write(1), write(2)])
  second.append([write(3), write(1, { fingerprint: 'promised by another process' })])
  t.same(second.adopt(), [])
  t.same(ids(second.head(10)), ['w0-3', 'w0-1'])
  first.close()
  t.same(ids(second.adopt()), ['w0-1', 'w0-2'])
  t.same(ids(second.head(10)), ['w0-3', 'w0-1', 'w0-1', 'w0-2'], 'both promises under one id')
  t.same(
    readdirSync(folder).filter((name) => name.endsWith('.sqlite')).length,
    1,
    'the adopted file is gone',
  )
  second.close()
  t.end()
})

test('what was removed cannot be read in the file any more', (t) => {
  const folder = newFolder(t)
  const store = new SpoolStore(folder, 1e6)
  store.append([write(1, { job: 'sealed-words-of-a-pupil'.repeat(20) })])
  store.remove(store.head(1).map(({ seq }) => seq))
  store.close()
  for (const name of readdirSync(folder)) {
    t.notOk(readFileSync(join(folder, name)).includes('sealed-words'), name)
  }
  t.end()
})

test('later writes of a mailbox follow those that lie in the spool', async (t) => {
  const folder = newFolder(t)
  const before = new SpoolStore(folder, 1e6)
  before.append([write(0)])
  before.close()
  const spool = await openSpool({ folder, maxBytes: 1e6 })
  t.teardown(() => spool.close())
  t.ok(spool.holds('m0'), 'left by the process before')
  t.notOk(spool.holds('m1'))
  const stored = spool.append(write(1))
  t.ok(spool.holds('m1'), 'from the moment it is being stored')
  t.equal((await stored).kind, 'stored')
  await spool.append(write(1))
  t.same(spool.totals().writes, 2)
  const rows = await spool.head(10)
  await spool.remove(rows)
  t.notOk(spool.holds('m0'))
  t.notOk(spool.holds('m1'))
})

test('many writes at once share the waits for the disk, and each is stored', async (t) => {
  const spool = await openSpool({ folder: newFolder(t), maxBytes: 1e8 })
  t.teardown(() => spool.close())
  const results = await Promise.all(Array.from({ length: 2_000 }, (_, n) => spool.append(write(n))))
  t.ok(results.every(({ kind }) => kind === 'stored'))
  t.equal((await spool.head(5_000)).length, 2_000)
})

test('a folder that cannot be written is refused with its name', async (t) => {
  const file = join(newFolder(t), 'a-file')
  new SpoolStore(file, 1e6).close()
  const inAFile = join(file, 'spool-0001.sqlite')
  await t.rejects(openSpool({ folder: inAFile, maxBytes: 1e6 }), { code: 'spool-unavailable' })
})
