import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'tap'
import { loadPolicy, readPolicy, savePolicy, startingPolicy } from './policy-reader-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'ecluse-policy-'))
after(() => rmSync(folder, { recursive: true }))

const smallest = `version: 7
session:
  cookie: S
stages: {}
gate:
  maxInFlight: 8
  maxQueued: 64
limits:
  account: { perMinute: 60, burst: 20 }
  address: { perMinute: 60, burst: 20 }
  addressPerSession: { perMinute: 60, burst: 20 }
waitingRoom:
  minInside: 2
  maxInside: 10
classes:
  - name: page
    match: { methods: [GET], path: /page }
    priority: 2
    deadlineMs: 5000
    cache: { audience: public, freshSeconds: 60 }
`

test('the smallest policy is filled with the defaults, and frozen to its leaves', async (t) => {
  const reading = readPolicy(smallest)
  if (reading.kind === 'refused') throw new Error(reading.problems.join('\n'))
  const { policy } = reading
  t.match(policy, {
    version: 7,
    session: { cookie: 'S', trustedHops: 0, passSeconds: 14_400 },
    gate: { applyShareRatio: 0.2 },
    waitingRoom: { minInside: 2, maxInside: 10, idleSeconds: 120 },
    closed: [],
  })
  t.same(new Set(Object.values(policy.stages)), new Set(['enforce']))
  t.equal(Object.keys(policy.stages).length, 6)
  t.match(policy.classes[0], {
    isEntry: false,
    isInside: false,
    cost: 1,
    cache: { staleWhileRevalidateSeconds: 0, staleIfErrorSeconds: 0, ignoreQuery: [] },
  })
  t.throws(() => Object.assign(policy.gate, { maxInFlight: 1 }), TypeError)
  t.throws(() => Object.assign(policy.classes[0]?.cache ?? {}, { freshSeconds: 1 }), TypeError)
})

test('the same policy may be written as JSON', async (t) => {
  const yaml = readPolicy(smallest)
  t.equal(yaml.kind, 'ok')
  if (yaml.kind === 'ok') t.same(readPolicy(JSON.stringify(yaml.policy)), yaml)
})

test('the class table of the reference portal is a policy', async (t) => {
  const file = new URL('../dialects/reference.yaml', import.meta.url)
  const policy = loadPolicy(file.pathname)
  t.ok(policy.classes.length > 15)
})

/** Each row changes the smallest policy in one place. */
const rows: { what: string; from: string; to: string; problem: RegExp }[] = [
  {
    what: 'an unknown key',
    from: 'maxQueued: 64',
    to: 'maxQueued: 64\n  colour: red',
    problem: /^8:3 gate: .*colour/,
  },
  {
    what: 'an unknown key at the top',
    from: 'classes:',
    to: 'colour: red\nclasses:',
    problem: /^15:1 : .*colour/,
  },
  { what: 'a text for a number', from: ': 8', to: ': many', problem: /^6:16 gate\.maxInFlight: / },
  {
    what: 'a number out of range',
    from: ': 8',
    to: ': 0',
    problem: /^6:16 gate\.maxInFlight: .*>=1/,
  },
  {
    what: 'a missing setting',
    from: '  maxInFlight: 8\n',
    to: '',
    problem: /^6:3 gate\.maxInFlight: /,
  },
  { what: 'no version', from: 'version: 7\n', to: '', problem: /^1:1 version: / },
  {
    what: 'a cookie name that is none',
    from: 'cookie: S',
    to: 'cookie: "a b"',
    problem: /^3:11 session\.cookie: /,
  },
  {
    what: 'a priority nobody has',
    from: 'priority: 2',
    to: 'priority: 7',
    problem: /^18:15 classes\.0\.priority: /,
  },
  {
    what: 'a path that is no path',
    from: '/page',
    to: 'page',
    problem: /^17:36 classes\.0\.match\.path: /,
  },
  {
    what: 'a switch in between',
    from: 'stages: {}',
    to: 'stages: { cache: maybe }',
    problem: /^4:18 stages\.cache: /,
  },
  {
    what: 'a key twice',
    from: 'version: 7',
    to: 'version: 7\nversion: 8',
    problem: /^2:1 .*unique/,
  },
  { what: 'broken syntax', from: 'stages: {}', to: 'stages: {', problem: /^\d+:\d+ .*flow map/i },
  { what: 'an alias of nothing', from: 'stages: {}', to: 'stages: *none', problem: /none/ },
  {
    what: 'a name twice',
    from: 'classes:\n',
    to: 'classes:\n  - { name: page, match: { methods: [PUT], path: / }, priority: 1, deadlineMs: 100 }\n',
    problem: /^\d+:\d+ classes\.1\.name: .*"page" twice/,
  },
  {
    what: 'a closed class nobody has',
    from: 'version: 7',
    to: 'version: 7\nclosed: [pages]',
    problem: /^2:10 closed\.0: .*"pages"/,
  },
  {
    what: 'a cache for a write',
    from: '[GET]',
    to: '[POST]',
    problem: /^20:12 classes\.0\.cache: class "page": .*POST/,
  },
  {
    what: 'absorbed reads',
    from: 'cache: { audience: public, freshSeconds: 60 }',
    to: 'write: { authority: session, outcome: dedupes, success: [200], answer: receipt, maxBodyBytes: 1, backlogMaxSeconds: 1 }',
    problem: /^20:12 classes\.0\.write: /,
  },
  {
    what: 'more inside at least than at most',
    from: 'minInside: 2',
    to: 'minInside: 11',
    problem: /^\d+:\d+ waitingRoom\.minInside: /,
  },
]

for (const { what, from, to, problem } of rows) {
  test(`a policy with ${what} is refused, and the place is named`, async (t) => {
    t.ok(smallest.includes(from))
    const reading = readPolicy(smallest.replace(from, to))
    t.equal(reading.kind, 'refused')
    if (reading.kind === 'refused') {
      t.equal(reading.problems.length, 1, reading.problems.join('\n'))
      t.match(reading.problems[0], problem)
    }
  })
}

test('every problem is said, not the first alone', async (t) => {
  const reading = readPolicy(smallest.replace(': 8', ': 0').replace(': 64', ': -1'))
  t.equal(reading.kind === 'refused' && reading.problems.length, 2)
})

test('what is no policy at all is refused', async (t) => {
  const layers = Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`,
  )
  const bomb = `a0: &a0 [x]\n${layers.join('\n')}\n`
  for (const text of ['', 'null', '[]', 'just a text', '{', '\0', '--- 1\n--- 2', bomb]) {
    t.equal(readPolicy(text).kind, 'refused', JSON.stringify(text.slice(0, 20)))
  }
})

test('a file that cannot be used says which one and why', async (t) => {
  t.throws(() => loadPolicy(join(folder, 'none.yaml')), {
    code: 'policy-unreadable',
    message: /policy\.file.*none\.yaml/,
  })
  const file = join(folder, 'broken.yaml')
  writeFileSync(file, smallest.replace(': 8', ': 0'))
  t.throws(() => loadPolicy(file), { code: 'policy-refused', message: /broken\.yaml:6:16 gate/ })
})

test('the policy kept on disk is whole, private, and read back the same', async (t) => {
  const file = join(folder, 'kept.json')
  const source = join(folder, 'source.yaml')
  writeFileSync(source, smallest)
  const policy = loadPolicy(source)
  savePolicy(file, policy)
  t.same(loadPolicy(file), policy)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(
    readdirSync(folder).filter((name) => name.endsWith('.partial')),
    [],
  )
  t.ok(readFileSync(file, 'utf8').endsWith('\n'))
})

test('the edge starts with the newer of the written and the kept policy', async (t) => {
  const written = join(folder, 'written.yaml')
  const kept = join(folder, 'last-good.json')
  writeFileSync(written, smallest)
  t.equal(startingPolicy(written).version, 7)
  t.equal(startingPolicy(written, kept).version, 7, 'nothing was kept yet')
  const ofVersion = (version: number) => ({ ...loadPolicy(written), version, closed: ['page'] })
  const startAfter = (version: number) => {
    savePolicy(kept, ofVersion(version))
    return startingPolicy(written, kept)
  }
  t.match(startAfter(8), { version: 8, closed: ['page'] })
  t.match(startAfter(7), { version: 7, closed: ['page'] }, 'what operators changed last')
  t.match(startAfter(6), { version: 7, closed: [] })
  writeFileSync(kept, '{')
  t.throws(() => startingPolicy(written, kept), { code: 'policy-refused' })
})
