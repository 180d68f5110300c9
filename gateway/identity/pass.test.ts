import { after, test } from 'tap'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initKeys, loadKeys, rotateKeys } from '../keys/key-store.ts'
import { isDueForRenewal, type Pass, passCookieLine, readPass, writePass } from './pass.ts'

const folder = mkdtempSync(join(tmpdir(), 'ecluse-pass-'))
after(() => rmSync(folder, { recursive: true }))
initKeys(folder)
const keys = loadKeys(folder)

const pass: Pass = {
  sessionKey: 'session-1',
  principal: { user: 'u17', school: 's3', role: 'élève', groups: ['c40', 'c41'] },
  issuedAtMs: 1_000_000,
  expiresAtMs: 2_000_000,
}
const value = writePass(pass, keys)
const [, kid, payload, mac] = value.split('.') as [string, string, string, string]
const minuteMs = 60_000

const rows: {
  what: string
  value?: string
  sessionKey?: string
  nowMs?: number
  isGood: boolean
}[] = [
  { what: 'as written', isGood: true },
  { what: 'with another session', sessionKey: 'session-2', isGood: false },
  { what: 'in its last millisecond', nowMs: 1_999_999, isGood: true },
  { what: 'once it has expired', nowMs: 2_000_000, isGood: false },
  { what: 'long after', nowMs: 9_000_000_000, isGood: false },
  { what: 'written by a clock a minute ahead', nowMs: 1_000_000 - minuteMs, isGood: true },
  { what: 'from further in the future', nowMs: 1_000_000 - minuteMs - 1, isGood: false },
  { what: 'at the beginning of time', nowMs: 0, isGood: false },
  { what: 'of another version', value: `v2.${kid}.${payload}.${mac}`, isGood: false },
  { what: 'under an unknown key', value: `v1.00000000.${payload}.${mac}`, isGood: false },
  { what: 'without a signature', value: `v1.${kid}.${payload}.`, isGood: false },
  { what: 'with a part too many', value: `${value}.x`, isGood: false },
  { what: 'with a part too few', value: `v1.${kid}.${payload}`, isGood: false },
  { what: 'empty', value: '', isGood: false },
  { what: 'too long', value: `${value}${'x'.repeat(2_000)}`, isGood: false },
]

for (const { what, isGood, ...given } of rows) {
  test(`a pass ${what} is ${isGood ? 'taken' : 'nothing'}`, async (t) => {
    const { sessionKey = pass.sessionKey, nowMs = 1_500_000 } = given
    const found = readPass(given.value ?? value, { sessionKey, nowMs }, keys)
    t.same(found, isGood ? pass : null)
  })
}

test('a pass changed in any one place is nothing', async (t) => {
  for (let i = 0; i < value.length; i += 1) {
    const changed = value[i] === 'A' ? 'B' : 'A'
    const tampered = `${value.slice(0, i)}${changed}${value.slice(i + 1)}`
    const found = readPass(tampered, { sessionKey: pass.sessionKey, nowMs: 1_500_000 }, keys)
    if (found !== null) t.fail(`changed at ${i}`)
  }
  t.ok(value.length > 100)
})

test('a token signed for another purpose is no pass', async (t) => {
  const signed = keys.sign(`ecluse-other-v1.${payload}`)
  const token = `v1.${signed.kid}.${payload}.${signed.mac}`
  t.equal(readPass(token, { sessionKey: pass.sessionKey, nowMs: 1_500_000 }, keys), null)
})

test('signed content that is no pass is nothing', async (t) => {
  const contents = [
    'null',
    '[]',
    '[1,2,3,4,5,6,7]',
    '["a","u",null,null,[1],1,9e9]',
    'not JSON',
    '',
  ]
  for (const content of contents) {
    const text = Buffer.from(content).toString('base64url')
    const signed = keys.sign(`ecluse-pass-v1.${text}`)
    const token = `v1.${signed.kid}.${text}.${signed.mac}`
    t.equal(readPass(token, { sessionKey: 'a', nowMs: 5 }, keys), null, content)
  }
})

test('a pass outlives one rotation of the keys and not two', async (t) => {
  const expected = { sessionKey: pass.sessionKey, nowMs: 1_500_000 }
  rotateKeys(folder)
  t.same(readPass(value, expected, loadKeys(folder)), pass)
  rotateKeys(folder)
  t.equal(readPass(value, expected, loadKeys(folder)), null)
})

test('a pass is due for renewal after half of its life', async (t) => {
  t.equal(isDueForRenewal(pass, 1_500_000), false)
  t.equal(isDueForRenewal(pass, 1_500_001), true)
  t.equal(isDueForRenewal(pass, 0), false, 'time going backwards')
})

test('the cookie of a pass belongs to this host alone, and scripts cannot read it', async (t) => {
  t.equal(
    passCookieLine('v1.x', 60),
    '__Host-ecluse-pass=v1.x; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60',
  )
})
