import { createHmac, timingSafeEqual } from 'node:crypto'
import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import { admissionCookieLine, isAdmissionValid, readAdmission } from './admission-token.ts'
import { cookieValue } from './cookies.ts'
import { placeCookieLine, readTicket } from './place-ticket.ts'
import type { SigningPort } from './signed-token.ts'

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

test('no change of a token is accepted, whatever the change', async (t) => {
  const random = randomStream(7, 'forgery')
  const value = valueOf(admissionCookieLine('d-1_x', 1_000, keys))
  const alphabet = 'ABCxyz019-_~.= '
  let accepted = 0
  for (let i = 0; i < 20_000; i += 1) {
    const at = Math.floor(random.next() * value.length)
    const put = alphabet[Math.floor(random.next() * alphabet.length)] as string
    const forged = value.slice(0, at) + put + value.slice(at + Math.floor(random.next() * 2))
    if (forged !== value && isAdmissionValid(forged, 1_000, keys)) accepted += 1
  }
  t.equal(accepted, 0)
  for (const odd of ['', 'v1', 'v1...', 'v1.k1.a~b', 'x'.repeat(10_000)])
    t.equal(isAdmissionValid(odd, 0, keys), false)
})

test('a cookie is found among others, and only under its whole name', async (t) => {
  t.equal(cookieValue('a=1; __Host-x=2;b=3', '__Host-x'), '2')
  t.equal(cookieValue(['a=1', '__Host-x=2'], '__Host-x'), '2')
  t.equal(cookieValue('not__Host-x=2; =2', '__Host-x'), null)
  t.equal(cookieValue(undefined, 'a'), null)
})
