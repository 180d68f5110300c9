import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import type { Exchange } from '../exchange.ts'
import type { Audience } from '../policy/policy.ts'
import { MemoryStore } from './memory-store.ts'
import { type Ask, originAnswer, settled, StageBench } from './stage-fixture.ts'

const seed = Number(process.env['ECLUSE_TEST_SEED'] ?? 20_261_123)
const classes: readonly (Audience | null)[] = ['public', 'school', 'role', 'group', 'user', null]

// An origin that names, in the body, whoever may read it, and sometimes narrows, forbids, sets a
// cookie, redirects or fails.
function originFor(draw: () => number) {
  return async ({ identity, routing, request }: Exchange) => {
    const principal = identity.principal
    const owners: Record<Audience, string> = {
      public: 'anybody',
      school: `school:${principal?.school}`,
      role: `role:${principal?.role}`,
      group: `group:${routing.path.split('/').at(-1)}`,
      user: `user:${principal?.user}:${principal?.school}:${principal?.role}`,
    }
    const declared = (['public', 'school', 'role', 'group', 'user'] as const)[
      Math.floor(draw() * 5)
    ]
    const audience = routing.routeClass.cache?.audience
    await settled()
    const kind = draw()
    if (kind < 0.1) return originAnswer('', {}, 503)
    if (kind < 0.2) return originAnswer('', { Location: '/auth/login' }, 303)
    if (kind < 0.3) return originAnswer(owners.user, { 'Set-Cookie': 'a=b' })
    if (kind < 0.4) return originAnswer(owners.user, { 'Cache-Control': 'no-store' })
    if (kind < 0.7 && declared) {
      const text = draw() < 0.5 ? 'max-age=1, stale-while-revalidate=5' : 'max-age=60'
      const headers = { 'Ecluse-Audience': declared, 'Ecluse-Cache-Control': text }
      return originAnswer(narrowest(declared, audience ?? 'public', owners), headers)
    }
    if (request.headers['if-none-match']) return originAnswer('', { ETag: '"a"' }, 500)
    return originAnswer(owners[audience ?? 'user'])
  }
}

function narrowest(one: Audience, other: Audience, owners: Record<Audience, string>): string {
  const order: readonly Audience[] = ['public', 'role', 'school', 'group', 'user']
  const pair = [one, other].sort((a, b) => order.indexOf(b) - order.indexOf(a))
  return pair.includes('role') && !pair.includes('public') && one !== other
    ? owners.user
    : owners[pair[0] ?? 'user']
}

function mayRead(text: string, ask: Ask): boolean {
  const [kind, ...rest] = text.split(':')
  switch (kind) {
    case 'anybody':
    case '':
      return true
    case 'school':
      return !ask.isVisitor && rest[0] === ask.school
    case 'role':
      return !ask.isVisitor && rest[0] === ask.role
    case 'group':
      return !ask.isVisitor && (ask.groups ?? []).includes(rest[0] ?? '')
    default:
      return false
  }
}

test('twenty thousand mixed requests never give anybody another audience’s answer', async (t) => {
  const random = randomStream(seed, 'leaks')
  const draw = () => random.next()
  const b = new StageBench(new MemoryStore(200_000))
  b.respond = originFor(draw)
  let shared = 0
  const one = async (): Promise<void> => {
    const audience = classes[Math.floor(draw() * classes.length)] ?? null
    const group = `c${Math.floor(draw() * 3)}`
    const ask: Ask = {
      audience,
      path: `/${audience}/${Math.floor(draw() * 4)}/${group}`,
      school: `s${Math.floor(draw() * 3)}`,
      role: draw() < 0.5 ? 'pupil' : 'parent',
      // A group's members ask for it, as the origin itself would demand.
      groups: [group],
      method: draw() < 0.02 ? 'POST' : 'GET',
      ...(draw() < 0.1 ? { isVisitor: true as const } : {}),
    }
    const { answer, text, status } = await b.ask(ask)
    const isOwn = !status.startsWith('hit') && !status.includes('collapsed')
    if (isOwn) return
    shared += 1
    if (answer.headers.some((line) => line.toLowerCase() === 'set-cookie')) t.fail('a cookie')
    if (!mayRead(text, ask)) t.fail(`seed ${seed}: ${JSON.stringify(ask)} got ${text}`)
  }
  for (let burst = 0; burst < 1000; burst += 1) {
    await Promise.all(Array.from({ length: 20 }, one))
    await b.advance(draw() * 2000)
  }
  t.ok(shared > 5000, `${shared} answers were shared`)
})
