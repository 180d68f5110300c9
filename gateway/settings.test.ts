import { test } from 'tap'
import { readGatewaySettings } from './settings.ts'

const needed = {
  'origin.url': 'http://10.0.0.5:8090',
  'keys.folder': 'keys',
  'policy.file': 'policy.yaml',
}

test('three settings are enough, and the edge then listens on loopback', async (t) => {
  t.match(readGatewaySettings(needed), {
    kind: 'ok',
    settings: { ...needed, 'listen.host': '127.0.0.1', 'operations.host': '127.0.0.1' },
  })
})

const rows: { given: Record<string, unknown>; problems: (string | RegExp)[] }[] = [
  { given: {}, problems: [/^origin\.url: /, /^keys\.folder: /, /^policy\.file: /] },
  { given: { ...needed, 'origin.url': 'ftp://a' }, problems: [/^origin\.url: .*"ftp:\/\/a"/] },
  { given: { ...needed, 'origin.url': 'http://a/portal' }, problems: [/^origin\.url: .*path/] },
  { given: { ...needed, 'drain.second': 1 }, problems: [/^drain\.second: .*drain\.seconds/] },
  {
    given: { ...needed, 'redis.durable': 'redis://a', 'redis.volatile': 'redis://a' },
    problems: [/^redis\.volatile: .*redis\.mayShare/],
  },
]

for (const { given, problems } of rows) {
  test(`${JSON.stringify(given)} is refused`, async (t) => {
    const reading = readGatewaySettings(given)
    t.match(reading, { kind: 'refused', problems })
    t.equal(reading.kind === 'refused' && reading.problems.length, problems.length)
  })
}

test('one Redis may play both roles where somebody said so', async (t) => {
  const both = { 'redis.durable': 'redis://a', 'redis.volatile': 'redis://a' }
  t.equal(readGatewaySettings({ ...needed, ...both, 'redis.mayShare': true }).kind, 'ok')
})
