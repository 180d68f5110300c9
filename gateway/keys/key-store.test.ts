import { createPublicKey, verify } from 'node:crypto'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { initKeys, loadKeys, rotateKeys } from './key-store.ts'

interface Teardown {
  teardown(run: () => void): void
}

function folderOf(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-keys-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

function keysIn(t: Teardown): { folder: string } {
  const folder = folderOf(t)
  initKeys(folder)
  return { folder }
}

const secret = new TextEncoder().encode('l’élève a rendu son devoir')

test('a first set of keys is readable by its owner alone', async (t) => {
  const folder = join(folderOf(t), 'deep', 'keys')
  initKeys(folder)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  t.same(readdirSync(folder).sort(), [
    'assertion.key',
    'internal.token',
    'operations.token',
    'receipt-1.key',
    'sealing-1.key',
    'session-hash.key',
    'signing-1.key',
  ])
  const texts = readdirSync(folder).map((name) => {
    t.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
    return readFileSync(join(folder, name), 'utf8')
  })
  t.equal(new Set(texts).size, texts.length, 'all different')
})

test('keys are never overwritten', async (t) => {
  const { folder } = keysIn(t)
  const before = readFileSync(join(folder, 'signing-1.key'), 'utf8')
  t.throws(() => initKeys(folder), { code: 'keys-exist' })
  t.equal(readFileSync(join(folder, 'signing-1.key'), 'utf8'), before)
})

test('keys that others can read are refused', async (t) => {
  for (const mode of [0o640, 0o604, 0o620]) {
    const { folder } = keysIn(t)
    chmodSync(join(folder, 'assertion.key'), mode)
    t.throws(() => loadKeys(folder), { code: 'keys-unreadable', message: /assertion\.key/ })
  }
})

test('keys that are missing or too short are refused, with the command that makes them', async (t) => {
  t.throws(() => loadKeys(join(folderOf(t), 'none')), { message: /ecluse keys init/ })
  t.throws(() => loadKeys(folderOf(t)), { code: 'keys-unreadable', message: /no signing key/ })
  const { folder } = keysIn(t)
  writeFileSync(join(folder, 'internal.token'), 'c2hvcnQ\n')
  t.throws(() => loadKeys(folder), { code: 'keys-unreadable', message: /internal\.token/ })
  rmSync(join(folder, 'internal.token'))
  t.throws(() => loadKeys(folder), { code: 'keys-unreadable' })
})

test('there is nothing to rotate where no keys are', async (t) => {
  const folder = folderOf(t)
  t.throws(() => rotateKeys(folder), { code: 'keys-unreadable' })
  t.same(readdirSync(folder), [], 'and nothing is written')
})

test('after a rotation the newest key signs, and the one before still counts', async (t) => {
  const { folder } = keysIn(t)
  const first = loadKeys(folder)
  const signed = first.sign('text')
  const sealed = first.seal(secret)
  t.same(rotateKeys(folder), {
    added: ['signing-2.key', 'sealing-2.key', 'receipt-2.key'],
    retired: [],
  })
  const second = loadKeys(folder)
  t.not(second.sign('text').kid, signed.kid)
  t.ok(second.verify(signed.kid, 'text', signed.mac))
  t.same(second.open(sealed), Buffer.from(secret))
  t.same(rotateKeys(folder).retired, ['signing-1.key', 'sealing-1.key'])
  const third = loadKeys(folder)
  t.notOk(third.verify(signed.kid, 'text', signed.mac), 'the third does not know it')
  t.equal(third.open(sealed), null)
  for (let i = 0; i < 8; i += 1) rotateKeys(folder)
  t.same(
    rotateKeys(folder).added,
    ['signing-12.key', 'sealing-12.key', 'receipt-12.key'],
    'numbers, not texts',
  )
})

test('what is shared with the origin and the workers survives a rotation', async (t) => {
  const { folder } = keysIn(t)
  const before = loadKeys(folder)
  rotateKeys(folder)
  const after = loadKeys(folder)
  t.equal(after.assertionMac('text'), before.assertionMac('text'))
  t.equal(after.internalToken, before.internalToken)
  t.equal(after.operationsToken, before.operationsToken)
  t.same(after.sessionHashKey, before.sessionHashKey)
})

test('a receipt signed years ago is verified with a key that is still published', async (t) => {
  const { folder } = keysIn(t)
  const { kid, signature } = loadKeys(folder).receipts.sign('text')
  for (let i = 0; i < 3; i += 1) rotateKeys(folder)
  const { published, sign } = loadKeys(folder).receipts
  t.not(sign('text').kid, kid, 'a newer key signs')
  const jwk = published.find((key) => key.kid === kid)
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
  const isSigned = (text: string) =>
    verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))
  t.ok(isSigned('text'))
  t.notOk(isSigned('texts'))
  t.notOk('d' in (jwk ?? {}), 'nothing secret is published')
})

test('a signature counts for its text and its key alone', async (t) => {
  const keys = loadKeys(keysIn(t).folder)
  const { kid, mac } = keys.sign('text')
  t.ok(keys.verify(kid, 'text', mac))
  t.notOk(keys.verify(kid, 'texts', mac))
  t.notOk(keys.verify('00000000', 'text', mac))
  t.notOk(keys.verify(kid, 'text', ''))
  t.notOk(keys.verify(kid, 'text', `${mac}A`))
  t.notOk(keys.verify(kid, 'text', 'é'.repeat(mac.length)), 'of another length in bytes')
  const other = loadKeys(keysIn(t).folder)
  t.notOk(other.verify(kid, 'text', mac))
})

test('what is sealed opens again, and is never sealed alike', async (t) => {
  const keys = loadKeys(keysIn(t).folder)
  for (const plain of [new Uint8Array(0), secret, new Uint8Array(65_536).fill(7)]) {
    t.same(keys.open(keys.seal(plain)), Buffer.from(plain))
  }
  t.not(keys.seal(secret), keys.seal(secret))
  t.notMatch(keys.seal(secret), Buffer.from(secret).toString('base64url'))
})

test('a sealed text changed in any one place does not open', async (t) => {
  const keys = loadKeys(keysIn(t).folder)
  // 48 bytes and the tag are 64, two bits more than 85 letters: the last letter is all content.
  const sealed = keys.seal(new Uint8Array(47).fill(1))
  for (let i = 0; i < sealed.length; i += 1) {
    // Far apart in the alphabet, so that the bits that count differ.
    const changed = sealed[i] === 'A' ? 'w' : 'A'
    const tampered = `${sealed.slice(0, i)}${changed}${sealed.slice(i + 1)}`
    if (keys.open(tampered) !== null) t.fail(`changed at ${i}`)
  }
  const [version, kid, iv, body] = sealed.split('.')
  const rows = ['', 'v1', `v2.${kid}.${iv}.${body}`, `v1.${kid}.!.${body}`, `v1.${kid}.${iv}.AAAA`]
  for (const text of [...rows, `${sealed}.x`, `${version}..${iv}.${body}`]) {
    t.equal(keys.open(text), null, text)
  }
})
