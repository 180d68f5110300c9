import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { LedgerStore } from './ledger-store.ts'
import { temporaryFolder } from './visitor-client.ts'

const write = (key: string) => ({ key, principal: 'u17', hash: 'ab', kind: 'tick', atMs: 5 })

test('order and keys continue after a restart', async (t) => {
  const file = join(temporaryFolder(t), 'ledger')
  const before = new LedgerStore(file)
  before.append(write('k1'))
  before.append(write('k2'))
  before.close()
  const after = new LedgerStore(file)
  t.equal(after.find('u17', 'k1')?.order, 1)
  t.equal(after.find('u18', 'k1'), undefined, 'the key of another person is another key')
  t.equal(after.append(write('k3')).order, 3)
  t.equal(after.count, 3)
  after.close()
})

test('a write applied twice stands twice in the ledger, and the first one is found', async (t) => {
  const file = join(temporaryFolder(t), 'ledger')
  const ledger = new LedgerStore(file)
  ledger.append(write('k1'))
  ledger.append(write('k1'))
  t.equal(ledger.find('u17', 'k1')?.order, 1)
  t.equal(readFileSync(file, 'utf8').match(/"k1"/g)?.length, 2)
  ledger.close()
})

test('a line torn by a crash is cut off, and the next write stands on a line of its own', async (t) => {
  const file = join(temporaryFolder(t), 'ledger')
  const before = new LedgerStore(file)
  before.append(write('k1'))
  before.close()
  appendFileSync(file, '{"order":2,"key":"k')
  const after = new LedgerStore(file)
  t.equal(after.append(write('k3')).order, 2)
  after.close()
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line).key),
    ['k1', 'k3'],
  )
})

test('a ledger that cannot be written refuses the write and leaves no trace of it', async (t) => {
  const file = join(temporaryFolder(t), 'ledger')
  const ledger = new LedgerStore(file)
  ledger.close()
  t.throws(() => ledger.append(write('k1')), { code: 'ledger-full' })
  t.equal(ledger.find('u17', 'k1'), undefined)
  t.equal(ledger.count, 0)
  t.equal(readFileSync(file, 'utf8'), '')
})
