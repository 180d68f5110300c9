import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import { addressKey } from './address-key.ts'
import { type Charge, chargesOf, liveSession } from './charge.ts'
import { DeniedKeys } from './denied-keys.ts'
import { LiveSessions } from './live-sessions.ts'
import { LocalQuotas } from './local-quotas.ts'
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
  const principal = { user: 'u1', school: null, role: null, groups: [] }
  const facts = { clientAddress: '10.0.0.1', sessionKey: 'k', principal, isInside: true }
  const of = (identity: typeof facts | { principal: null; isInside: boolean }, count = 0) =>
    chargesOf({
      identity: { ...facts, ...identity },
      address: '10.0.0.1',
      limits,
      cost: 3,
      sessionsBehindAddress: count,
    }).map((one) => [one.key, one.quota.perMinute, one.quota.burst, one.cost])
  t.same(of(facts, 100), [
    ['u:u1', 10, 5, 3],
    ['a:10.0.0.1', 210, 105, 3],
  ])
  t.equal(of({ ...facts, principal: null, isInside: false })[0]?.[0], 's:k')
  t.equal(liveSession(facts), 'u:u1')
  t.equal(
    liveSession({ ...facts, principal: null, isInside: false }),
    null,
    'a made-up session makes no address larger',
  )
})

test('live sessions are counted once each, forgotten after ten minutes, and bounded', async (t) => {
  const live = new LiveSessions()
  for (let i = 0; i < 3; i += 1) for (const session of ['a', 'b']) live.seen('x', session, i)
  t.equal(live.behind('x', 2), 2)
  live.seen('x', 'a', 300_000)
  live.seen('y', 'c', 600_002)
  t.equal(live.behind('x', 600_002), 1, 'b was silent for ten minutes')
  live.report('x', 40, 600_002)
  t.equal(live.behind('x', 600_003), 40, 'what all processes saw')
  t.equal(live.behind('x', 1_200_003), 1, 'a report ages too')
  live.report('x', 1e9, 600_002)
  t.equal(live.behind('x', 600_003), 2_000)
  for (let i = 0; i < 150_000; i += 1) live.seen(`z${i % 7}`, `s${i}`, 700_000)
  const total = Array.from({ length: 7 }, (_, i) => live.behind(`z${i}`, 700_000))
  t.ok(total.every((count) => count <= 2_000))
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

test('a flood of made-up sessions neither fills memory nor frees its address', async (t) => {
  const local = new LocalQuotas(1_000)
  const random = randomStream(1, 'flood')
  let allowed = 0
  for (let i = 0; i < 100_000; i += 1) {
    const flood = { ...account, key: `s:${random.next()}` }
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
