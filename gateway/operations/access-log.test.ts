import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'tap'
import { ask } from '../../test/support/client.ts'
import { openTestEdge, routeClass } from '../../test/support/edge.ts'
import type { AccessLine } from './access-line.ts'

const classes = [
  routeClass('page', { match: { methods: ['GET', 'POST'], path: '/page/**' } }),
  routeClass('shut', { match: { methods: ['GET'], path: '/shut' } }),
]

/** What people and portals put into requests and answers, and what must never be in a log. */
const personal = {
  name: 'lea.durand',
  mail: 'lea.durand@ent.example',
  ticket: 'ST-42-h3cCre7',
  session: 'sess10n-h3cCre7',
  token: 'eyJh3cCre7',
  school: '0750001A',
  address: '203.0.113.77',
}

test('a line says how a request ended, and nothing of who asked or for what', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-log-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'access.log')
  const edge = await openTestEdge({
    answer: (_, response) =>
      response
        .writeHead(200, {
          'ecluse-identity': `user="${personal.name}", school="${personal.school}", role="pupil"`,
          'set-cookie': `PORTALSESSION=${personal.session}`,
          'x-name': personal.name,
        })
        .end(personal.mail),
    policy: {
      classes,
      closed: ['shut'],
      session: { cookie: 'PORTALSESSION', trustedHops: 1, passSeconds: 600 },
    },
    settings: { 'log.file': file, 'log.oneIn': 1 },
  })
  const headers = {
    cookie: `PORTALSESSION=${personal.session}; other=${personal.token}`,
    authorization: `Bearer ${personal.token}`,
    referer: `https://ent.example/${personal.name}`,
    'user-agent': personal.name,
    'x-forwarded-for': personal.address,
    'idempotency-key': personal.ticket,
  }
  const path = `${personal.name}?ticket=${personal.ticket}&mail=${personal.mail}`
  await ask(`${edge.url}/page/${path}`, { headers })
  await ask(`${edge.url}/page/${path}`, { headers, method: 'POST', body: personal.mail })
  await ask(`${edge.url}/shut`, { headers })
  await ask(`${edge.url}//${personal.name}`, { headers, method: 'PROPFIND' })
  await edge.closeAll()
  const text = readFileSync(file, 'utf8')
  for (const [what, value] of Object.entries(personal)) {
    t.notOk(text.toLowerCase().includes(value.toLowerCase()), `no ${what}`)
  }
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AccessLine)
  t.match(lines, [
    { class: 'page', outcome: 'origin', status: 200, method: 'GET', weight: 1 },
    { class: 'page', outcome: 'origin', status: 200, method: 'POST' },
    { class: 'shut', outcome: 'class-closed', status: 503 },
    { class: 'unknown', outcome: 'origin', method: 'OTHER' },
  ])
  t.ok(lines.every(({ totalMs }) => totalMs >= 0))
})
