import { createHmac, timingSafeEqual } from 'node:crypto'
import { t as root, test } from 'tap'
import { randomStream } from '../../core/random.ts'
import { admissionCookieLine, isAdmissionValid, readAdmission } from './admission-token.ts'
import { cookieValue } from './cookies.ts'
import { placeCookieLine, readTicket } from './place-ticket.ts'
import { openToken, type SigningPort, sealToken } from './signed-token.ts'

// Some ten seconds of HMACs; a busy machine may take a minute.
const patient = { timeout: 300_000 }
root.setTimeout(300_000)
const mac = (secret: string, text: string) =>
  createHmac('sha256', secret).update(text).digest('base64url')
const keysOf = (kid: string, secret: string): SigningPort => ({
  sign: (text) => ({ kid, mac: mac(secret, text) }),
  verify: (given, text, mark) => {
    const own = Buffer.from(mac(secret, text))
    const other = Buffer.from(mark)
    return given === kid && own.length === other.length && timingSafeEqual(own, other)
  },
})
const keys = keysOf('k1', 'a secret')
const valueOf = (line: string) => line.slice(line.indexOf('=') + 1, line.indexOf(';'))
const ticket = { seq: 17, epoch: 'today', device: 'd-1_x' }

test('a ticket holds for its own line only', async (t) => {
  const value = valueOf(placeCookieLine(ticket, keys))
  t.same(readTicket(value, 'today', keys), ticket)
  t.equal(readTicket(value, 'yesterday', keys), null)
  t.equal(readTicket(value, 'today', keysOf('k1', 'another secret')), null)
  t.equal(readTicket(value, 'today', keysOf('k2', 'a secret')), null)
})

test('an admission holds until its instant, and is not a place', async (t) => {
  const value = valueOf(admissionCookieLine('d-1_x', 1_000, keys))
  t.same(readAdmission(value, 1_000, keys), { id: 'd-1_x', expiresAtMs: 601_000 })
  t.equal(isAdmissionValid(value, 600_999, keys), true)
  t.equal(isAdmissionValid(value, 601_000, keys), false)
  t.equal(readTicket(value, 'today', keys), null)
  t.equal(isAdmissionValid(valueOf(placeCookieLine(ticket, keys)), 0, keys), false)
})

test('clocks that differ by minutes let nobody in for longer', async (t) => {
  const minuteMs = 60_000
  const issuedAtMs = 100 * minuteMs
  const value = valueOf(admissionCookieLine('d-1_x', issuedAtMs, keys))
  for (const [minutes, expect, phrase] of [
    [0, true, 'the same clock'],
    [-1, true, 'a minute behind'],
    [-2, false, 'two minutes behind: from the future'],
    [-5, false, 'five minutes behind'],
    [5, true, 'five minutes ahead: half of it is left'],
    [10, false, 'ten minutes ahead: over'],
  ] as const)
    t.equal(isAdmissionValid(value, issuedAtMs + minutes * minuteMs, keys), expect, phrase)
})

test('fields that read the same once joined are signed apart', async (t) => {
  const value = sealToken('place', ['1', '23'], keys)
  t.same(openToken('place', value, keys), ['1', '23'])
  for (const other of ['12~3', '123', '1~2~3'])
    t.equal(openToken('place', value.replace('1~23', other), keys), null, other)
})

test('of a million forged tickets and admissions none is accepted', patient, async (t) => {
  const random = randomStream(7, 'forgery')
  const genuine = [
    valueOf(admissionCookieLine('d-1_x', 1_000, keys)),
    valueOf(placeCookieLine(ticket, keys)),
  ]
  // Signed under a key that is gone, for a line before the restart, or for another purpose.
  const others = [
    valueOf(admissionCookieLine('d-1_x', 1_000, keysOf('k1', 'an old secret'))),
    valueOf(placeCookieLine({ ...ticket, epoch: 'yesterday' }, keys)),
    valueOf(placeCookieLine(ticket, keysOf('k0', 'a secret'))),
  ]
  const alphabet = 'ABCxyz019-_~.= '
  let accepted = 0
  for (let i = 0; i < 1_000_000; i += 1) {
    const value = i % 10 === 0 ? (others[i % 3] as string) : (genuine[i % 2] as string)
    const at = Math.floor(random.next() * value.length)
    const put = alphabet[Math.floor(random.next() * alphabet.length)] as string
    const changed = value.slice(0, at) + put + value.slice(at + Math.floor(random.next() * 2))
    const forged = i % 10 === 0 ? value : changed
    if (genuine.includes(forged)) continue
    if (isAdmissionValid(forged, 1_000, keys)) accepted += 1
    if (readTicket(forged, 'today', keys) !== null) accepted += 1
  }
  t.equal(accepted, 0)
  for (const value of genuine) {
    const isTaken =
      isAdmissionValid(value, 1_000, keys) || readTicket(value, 'today', keys) !== null
    t.ok(isTaken, 'the genuine ones are')
  }
  for (const odd of ['', 'v2', 'v2...', 'v2.k1.a~b', 'x'.repeat(10_000)])
    t.equal(isAdmissionValid(odd, 0, keys), false)
})

test('a cookie is found among others, and only under its whole name', async (t) => {
  t.equal(cookieValue('a=1; __Host-x=2;b=3', '__Host-x'), '2')
  t.equal(cookieValue(['a=1', '__Host-x=2'], '__Host-x'), '2')
  t.equal(cookieValue('not__Host-x=2; =2', '__Host-x'), null)
  t.equal(cookieValue(undefined, 'a'), null)
})
