import { test } from 'tap'
import { readHotRequest } from './hot-request.ts'

test('the lane reads host, coding and cookies, in whatever spelling, and nothing else', async (t) => {
  const lines = ['host', 'a', 'ACCEPT-ENCODING', 'gzip', 'Cookie', 'b=c', 'DNT', '1']
  t.same(readHotRequest(lines), { host: 'a', acceptEncoding: 'gzip', cookie: 'b=c' })
  t.ok(readHotRequest(['Host', 'a', 'connection', 'keep-alive']))
  t.same(readHotRequest(['Host', 'a']), { host: 'a', acceptEncoding: '', cookie: '' })
})

test('a head with anything to judge in it goes to the pipeline', async (t) => {
  const rows = [
    { lines: [], why: 'no host' },
    { lines: ['Host', 'a', 'host', 'a'], why: 'two hosts' },
    { lines: ['Host', 'a', 'Cookie', 'b=c', 'cookie', 'd=e'], why: 'two cookie fields' },
    {
      lines: ['Host', 'a', 'Accept-Encoding', 'br', 'accept-encoding', 'gzip'],
      why: 'two codings',
    },
    ...[
      'Authorization',
      'Cache-Control',
      'cOntent-lEngth',
      'Expect',
      'If-Match',
      'if-none-match',
      'If-Modified-Since',
      'If-Unmodified-Since',
      'If-Range',
      'If-Something-New',
      'Pragma',
      'range',
      'TE',
      'Transfer-Encoding',
      'Upgrade',
      'Ecluse-Identity',
      'X-HTTP-Method-Override',
      'X-Something-New',
      'Connection',
    ].map((name) => ({ lines: ['Host', 'a', name, 'x'], why: name })),
  ]
  for (const { lines, why } of rows) t.equal(readHotRequest(lines), null, why)
})
