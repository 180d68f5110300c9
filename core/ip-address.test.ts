import { test } from 'tap'
import { addressGroups, isWithin, readNetwork } from './ip-address.ts'

const rows: { network: string; address: string; expect: boolean; what: string }[] = [
  { network: '192.0.2.7', address: '192.0.2.7', expect: true, what: 'a single address' },
  { network: '192.0.2.7', address: '192.0.2.8', expect: false, what: 'its neighbour' },
  { network: '192.0.2.0/28', address: '192.0.2.15', expect: true, what: 'the last of sixteen' },
  { network: '192.0.2.0/28', address: '192.0.2.16', expect: false, what: 'the first after them' },
  { network: '192.0.2.0/28', address: '::ffff:192.0.2.1', expect: true, what: 'written as mapped' },
  { network: '::ffff:10.0.0.0/104', address: '10.9.9.9', expect: true, what: 'a mapped network' },
  { network: '::ffff:10.0.0.0/104', address: '11.0.0.0', expect: false, what: 'and no other' },
  { network: '0.0.0.0/0', address: '203.0.113.1', expect: true, what: 'all of IPv4' },
  { network: '0.0.0.0/0', address: '2001:db8::1', expect: false, what: 'and nothing of IPv6' },
  { network: '2001:db8::/64', address: '2001:DB8::ffff:1', expect: true, what: 'IPv6' },
  { network: '2001:db8::/63', address: '2001:db8:0:1::', expect: true, what: 'within a group' },
  { network: '2001:db8::/63', address: '2001:db8:0:2::', expect: false, what: 'and not beyond' },
  { network: '::/0', address: '2001:db8::1', expect: true, what: 'everybody' },
]

for (const { network, address, expect, what } of rows) {
  test(`${address} is ${expect ? '' : 'not '}in ${network}: ${what}`, async (t) => {
    const [found, groups] = [readNetwork(network), addressGroups(address)]
    t.equal(found !== null && groups !== null && isWithin(groups, found), expect)
  })
}

test('what is neither an address nor a network is refused', async (t) => {
  const odd = ['', '1.2.3', '1.2.3.256', '1.2.3.4/33', '1.2.3.4/', '1.2.3.4/8/8', '::1::', 'x/8']
  for (const text of [...odd, '::/129', '1.2.3.4/-1', '1.2.3.4.5', '01234::', ' 1.2.3.4'])
    t.equal(readNetwork(text), null, JSON.stringify(text))
})
