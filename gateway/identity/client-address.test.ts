import { test } from 'tap'
import { clientAddress } from './client-address.ts'

const rows: { hops: number; forwarded?: string; socket?: string; expect: string; what: string }[] =
  [
    { hops: 0, forwarded: '1.1.1.1', expect: '10.0.0.9', what: 'nobody is trusted' },
    { hops: 1, expect: '10.0.0.9', what: 'the proxy said nothing' },
    { hops: 1, forwarded: '1.1.1.1', expect: '1.1.1.1', what: 'the proxy said who' },
    { hops: 1, forwarded: '6.6.6.6, 1.1.1.1', expect: '1.1.1.1', what: 'a stranger wrote first' },
    { hops: 2, forwarded: '6.6.6.6, 1.1.1.1, 2.2.2.2', expect: '1.1.1.1', what: 'two hops' },
    { hops: 2, forwarded: '1.1.1.1', expect: '10.0.0.9', what: 'one hop was left out' },
    { hops: 1, forwarded: 'unknown', expect: '10.0.0.9', what: 'no address' },
    { hops: 1, forwarded: '1.1.1.1, ', expect: '10.0.0.9', what: 'an empty entry' },
    { hops: 1, forwarded: '1.1.1.1:80', expect: '10.0.0.9', what: 'an address with a port' },
    { hops: 1, forwarded: '2001:db8::1', expect: '2001:db8::1', what: 'IPv6' },
    { hops: 1, forwarded: '::ffff:1.1.1.1', expect: '1.1.1.1', what: 'IPv4 in IPv6 has one name' },
    { hops: 0, socket: '::ffff:1.1.1.1', expect: '1.1.1.1', what: 'the socket’s too' },
    { hops: 0, socket: '::1', expect: '::1', what: 'loopback' },
  ]

for (const { hops, forwarded, socket = '10.0.0.9', expect, what } of rows) {
  test(`over ${hops} trusted hops, ${what}: ${expect}`, async (t) => {
    const facts = { socketAddress: socket, forwardedFor: forwarded, trustedHops: hops }
    t.equal(clientAddress(facts), expect)
  })
}
