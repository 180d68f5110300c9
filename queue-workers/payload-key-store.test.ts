import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { initKeys, loadKeys, rotateKeys } from '../gateway/keys/key-store.ts'
import { readPayloadKeys } from './payload-key-store.ts'

test('workers open what the edge sealed, after a rotation as well, and nothing that was changed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-payload-keys-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  initKeys(folder)
  const plain = Buffer.from('mon devoir')
  const workers = readPayloadKeys(folder)
  const before = loadKeys(folder).seal(plain)
  t.same(workers.open(before), plain)
  rotateKeys(folder)
  t.same(workers.open(loadKeys(folder).seal(plain)), plain, 'without a restart')
  t.same(workers.open(before), plain)
  t.equal(workers.internalToken, loadKeys(folder).internalToken)

  const at = before.length - 3
  const changed = `${before.slice(0, at)}${before[at] === 'A' ? 'B' : 'A'}${before.slice(at + 1)}`
  for (const sealed of [changed, '', 'v1', 'v1.00000000.a.b', before.replace('v1', 'v2')]) {
    t.equal(workers.open(sealed), null, sealed.slice(0, 20))
  }
  t.throws(() => readPayloadKeys(join(folder, 'nowhere')), /keys\.folder: expected the keys/)
})
