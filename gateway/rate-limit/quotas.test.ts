import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import { addressKey } from './address-key.ts'
import { type Charge, type ChargeFacts, chargesOf, liveSession } from './charge.ts'
import { DeniedKeys } from './denied-keys.ts'
import { LiveSessions } from './live-sessions.ts'
import { LocalQuotas } from './local-quotas.ts'
import { loginAccount } from './login-account.ts'
import { machineFinder } from './machine-clients.ts'
import { quotaFields } from './quota-fields.ts'

const account: Charge = {
  name: 'account',
  key: 'u:u1',
  quota: { perMinute: 60, burst: 2 },
  cost: 1,
}
const address: Charge = {
  name: 'address',
  key: 'a:10.0.0.1',
  quota: { perMinute: 60, burst: 3 },
  cost: 1,
}

test('one home or school is one address, and no other', async (t) => {
  const rows = [
    ['192.0.2.7', '192.0.2.7', 'IPv4 whole'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', 'IPv6 by its network'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64', 'the same, written otherwise'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64', 'with leading zeros'],
    ['::ffff:192.0.2.7', '192.0.2.7', 'IPv4 mapped'],
    ['::ffff:c000:207', '192.0.2.7', 'IPv4 mapped, in hexadecimal'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7', 'IPv4 mapped, in full'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64', 'a zone does not count'],
    ['::1', '0:0:0:0::/64', 'loopback'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64', 'IPv4 embedded otherwise'],
    ['not:an:address', 'not:an:address', 'unreadable: itself'],
    ['1::2::3', '1::2::3', 'two gaps: itself'],
    ['', '', 'nothing'],
  ] as const
  for (const [given, expect, phrase] of rows) t.equal(addressKey(given), expect, phrase)
})

test('a request counts for its account and its address, which grows with those behind it', async (t) => {
  const quota = { perMinute: 10, burst: 5 }
  const limits = { account: quota, address: quota, addressPerSession: { perMinute: 2, burst: 1 } }
  const principal = { user: 'u1', school: 's9', role: null, groups: [] }
  const known = { clientAddress: '10.0.0.1', sessionKey: 'k', principal, isInside: true }
  const stranger = { ...known, principal: null, isInside: false }
  const of = (changes: Partial<ChargeFacts> = {}) =>
    chargesOf({
      identity: known,
      address: '10.0.0.1',
      machine: null,
      limits,
      cost: 3,
      live: { address: 100, school: 40 },
      loginAccount: null,
      ...changes,
    }).map((one) => [one.key, one.quota.perMinute, one.quota.burst, one.cost])
  t.same(of(), [
    ['u:u1', 10, 5, 3],
    ['a:10.0.0.1', 210, 105, 3],
  ])
  t.same(
    of({ identity: stranger }).map(([key]) => key),
    ['s:k', 'x:10.0.0.1'],
    'strangers at an address share a bucket of their own',
  )
  const more = {
    ...limits,
    device: { perMinute: 5, burst: 2 },
    school: { base: quota, perSession: quota },
    login: { perMinute: 6, burst: 6 },
  }
  t.same(of({ limits: more, loginAccount: 'h' }), [
    ['u:u1', 10, 5, 3],
    ['s:k', 5, 2, 3],
    ['l:h', 6, 6, 1],
    ['a:10.0.0.1', 210, 105, 3],
    ['c:s9', 410, 205, 3],
  ])
  const machine = { name: 'pronote', addresses: ['10.0.0.1'], perMinute: 9_000, burst: 900 }
  t.same(of({ machine, identity: stranger }), [['m:pronote', 9_000, 900, 3]], 'and nothing else')
  t.equal(liveSession(known), 'u:u1')
  t.equal(liveSession(stranger), null, 'a made-up session makes no address larger')
})

test('declared machine clients are found by their networks, people are not', async (t) => {
  const machine = {
    name: 'moodle',
    addresses: ['192.0.2.0/28', '2001:db8::5'],
    perMinute: 1,
    burst: 1,
  }
  const find = machineFinder([machine])
  for (const [address, expect] of [
    ['192.0.2.15', 'moodle'],
    ['::ffff:192.0.2.3', 'moodle'],
    ['192.0.2.16', undefined],
    ['2001:db8::5', 'moodle'],
    ['2001:db8::6', undefined],
    ['nonsense', undefined],
  ] as const)
    t.equal(find(address)?.name, expect, address)
  t.equal(machineFinder()('192.0.2.1'), null)
})

test('the account of a login is read from a form or from JSON, spelled any way', async (t) => {
  const rows = [
    ['application/x-www-form-urlencoded', 'email=Anna.B%40x.fr&password=p', 'anna.b@x.fr'],
    ['application/x-www-form-urlencoded; charset=utf-8', 'email=+ANNA.B%40X.FR+', 'anna.b@x.fr'],
    ['application/json', '{"email":"Anna.B@x.fr"}', 'anna.b@x.fr'],
    ['', 'email=a', 'a'],
    ['application/json', '{"email":7}', null],
    ['application/json', 'null', null],
    ['application/json', '{', null],
    ['application/x-www-form-urlencoded', 'password=p', null],
    ['application/x-www-form-urlencoded', 'email=', null],
    ['multipart/form-data', '--x', null],
  ] as const
  for (const [contentType, body, expect] of rows) {
    const found = loginAccount(new TextEncoder().encode(body), { contentType, field: 'email' })
    t.equal(found, expect, `${contentType}: ${body}`)
  }
})

test('live sessions are counted once each, forgotten after ten minutes, and bounded', async (t) => {
  const live = new LiveSessions()
  for (let i = 0; i < 3; i += 1) for (const session of ['a', 'b']) live.seen('x', session, i)
  t.equal(live.within('x', 2), 2)
  live.seen('x', 'a', 300_000)
  live.seen('y', 'c', 600_002)
  t.equal(live.within('x', 600_002), 1, 'b was silent for ten minutes')
  live.report('x', 40, 600_002)
  t.equal(live.within('x', 600_003), 40, 'what all processes saw')
  t.equal(live.within('x', 1_200_003), 1, 'a report ages too')
  live.report('x', 1e9, 600_002)
  t.equal(live.within('x', 600_003), 4_000)
  for (let i = 0; i < 300_000; i += 1) live.seen(`z${i % 7}`, `s${i}`, 700_000)
  const total = Array.from({ length: 7 }, (_, i) => live.within(`z${i}`, 700_000))
  t.ok(total.every((count) => count <= 4_000))
})

test('locally, all buckets are charged or none', async (t) => {
  const local = new LocalQuotas()
  const poor = { ...account, quota: { perMinute: 60, burst: 1 } }
  t.match(local.charge([poor, address], 1, 0), {
    kind: 'allowed',
    standings: [{}, { remaining: 2 }],
  })
  t.match(local.charge([poor, address], 1, 0), { kind: 'refused', by: 0, retryAfterMs: 1_000 })
  t.match(local.charge([address], 1, 0), { standings: [{ remaining: 1 }] }, 'the address kept its')
})

test('each of n processes keeps to its share, and to one at least', async (t) => {
  for (const [processes, expect] of [
    [1, 60],
    [4, 15],
    [1_000, 1],
  ] as const) {
    const local = new LocalQuotas()
    const charge = { ...account, quota: { perMinute: 60, burst: 60 } }
    let allowed = 0
    for (let i = 0; i < 100; i += 1)
      if (local.charge([charge], processes, 0).kind === 'allowed') allowed += 1
    t.equal(allowed, expect, `${processes} processes`)
  }
})

test('what was used up where quotas are shared is used up here too', async (t) => {
  for (const processes of [1, 4]) {
    const local = new LocalQuotas()
    const charge = { ...account, quota: { perMinute: 60, burst: 60 } }
    local.note([charge], [{ remaining: 30, resetMs: 30_000 }], 0)
    let allowed = 0
    for (let i = 0; i < 100; i += 1)
      if (local.charge([charge], processes, 0).kind === 'allowed') allowed += 1
    t.equal(allowed, Math.floor(30 / processes), `half of the share of ${processes} processes`)
  }
})

test('a million keys take no more memory than a table of fixed size', async (t) => {
  const local = new LocalQuotas()
  const person = { ...account, quota: { perMinute: 60, burst: 50 } }
  let allowed = 0
  for (let i = 0; i < 1_000_000; i += 1) {
    local.charge([{ ...account, name: 'device', key: `s:${i}` }], 1, 0)
    if (i % 1_000 === 0 && local.charge([person], 1, 0).kind === 'allowed') allowed += 1
  }
  t.ok(local.size <= 200_000, `${local.size} keys`)
  t.equal(allowed, 50, 'and a flood of sessions forgets nobody’s account')
})

test('a flood of made-up sessions neither fills memory nor frees its address', async (t) => {
  const local = new LocalQuotas(1_000)
  const random = randomStream(1, 'flood')
  let allowed = 0
  for (let i = 0; i < 100_000; i += 1) {
    const flood: Charge = { ...account, name: 'device', key: `s:${random.next()}` }
    if (local.charge([flood, address], 1, i / 100).kind === 'allowed') allowed += 1
  }
  t.equal(allowed, 3, 'the burst of the address; one second passed')
  for (let i = 0; i < 5_000; i += 1) local.charge([{ ...address, key: `a:${i}` }], 1, 0)
  t.ok(local.size <= 2_000)
})

test('a key refused a moment ago is refused again without asking, until its time', async (t) => {
  const denied = new DeniedKeys(2)
  denied.remember({ ...account, cost: 2 }, 3_000, 1_000)
  t.same(denied.find([address, account], 1_000), null, 'a cheaper request may pass')
  const dear = { ...account, cost: 2 }
  t.same(denied.find([address, dear], 2_500), { by: 1, retryAfterMs: 1_500 })
  t.equal(denied.find([dear], 4_000), null, 'the exact instant')
  denied.remember(dear, 60_000, 0)
  t.same(denied.find([dear], 4_999), { by: 0, retryAfterMs: 55_001 })
  t.equal(denied.find([dear], 5_000), null, 'asked again after five seconds at most')
  for (const key of ['x', 'y', 'z']) denied.remember({ ...dear, key }, 1_000, 0)
  t.equal(denied.find([{ ...dear, key: 'x' }], 1), null, 'bounded: the oldest is forgotten')
})

test('the quota is told in the fields of the draft', async (t) => {
  t.same(quotaFields(account, { remaining: 1, resetMs: 1_001 }), [
    'ratelimit-policy',
    '"account";q=60;w=60',
    'ratelimit',
    '"account";r=1;t=2',
  ])
})
