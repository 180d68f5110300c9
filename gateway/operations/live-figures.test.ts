import { test } from 'tap'
import { edgeFiguresOf, type Samples } from './live-figures.ts'

function requests(ended: Readonly<Record<string, number>>): Samples {
  const samples = Object.entries(ended).map(([outcome, value]) => ({
    labels: { class: 'page', outcome },
    value,
  }))
  return { ecluse_requests_total: samples }
}

function buckets(name: string, counts: readonly [number | '+Inf', number][], labels = {}): Samples {
  return { [name]: counts.map(([le, value]) => ({ labels: { ...labels, le }, value })) }
}

test('every ending is counted in one place, per second', async (t) => {
  const before = requests({ fresh: 100, origin: 100 })
  const now = requests({
    fresh: 160,
    stale: 10,
    origin: 110,
    absorbed: 10,
    edge: 10,
    'gate-full': 4,
    'quota-account': 4,
    'target-malformed': 2,
    'waiting-room': 20,
    'origin-timeout': 6,
    abandoned: 8,
  })
  const figures = edgeFiguresOf(before, now, 2)
  t.match(figures, {
    servedPerSecond: 50,
    storedShareRatio: 0.7,
    turnedAwayPerSecond: 5,
    turnedAwayShareRatio: 10 / 136,
    waitAnswersPerSecond: 10,
    failedPerSecond: 3,
    abandonedPerSecond: 4,
    servedTotal: 300,
    turnedAwayTotal: 10,
  })
})

test('what was not measured is null, never zero', async (t) => {
  const figures = edgeFiguresOf({}, {}, 1)
  for (const name of ['p95Ms', 'storedShareRatio', 'backlogWrites', 'aroundGoodRatio'] as const) {
    t.equal(figures[name], null, name)
  }
  t.equal(figures.servedPerSecond, 0)
})

const quantileRows: {
  what: string
  before: readonly [number | '+Inf', number][]
  now: readonly [number | '+Inf', number][]
  ms: number | null
}[] = [
  {
    what: 'nothing happened',
    before: [
      [1, 7],
      ['+Inf', 7],
    ],
    now: [
      [1, 7],
      ['+Inf', 7],
    ],
    ms: null,
  },
  {
    what: 'all in the first bucket',
    before: [],
    now: [
      [0.1, 20],
      [1, 20],
      ['+Inf', 20],
    ],
    ms: 95,
  },
  {
    what: 'halfway into the second',
    before: [],
    now: [
      [0.1, 90],
      [0.2, 100],
      ['+Inf', 100],
    ],
    ms: 150,
  },
  {
    what: 'past the last bound',
    before: [],
    now: [
      [0.1, 0],
      [1, 0],
      ['+Inf', 5],
    ],
    ms: 1_000,
  },
  {
    what: 'only what is new counts',
    before: [
      [0.1, 1_000],
      [0.2, 1_000],
      ['+Inf', 1_000],
    ],
    now: [
      [0.1, 1_000],
      [0.2, 1_010],
      ['+Inf', 1_010],
    ],
    ms: 195,
  },
]

for (const { what, before, now, ms } of quantileRows) {
  test(`the p95 is right when ${what}`, async (t) => {
    const name = 'ecluse_request_seconds'
    const { p95Ms } = edgeFiguresOf(buckets(name, before), buckets(name, now), 1)
    if (ms === null || p95Ms === null) t.equal(p95Ms, ms)
    else t.ok(Math.abs(p95Ms - ms) < 1e-6, `${p95Ms}`)
  })
}

test('portal and identity provider are told apart, and probes by their way', async (t) => {
  const name = 'ecluse_origin_seconds'
  const now: Samples = {
    [name]: [
      ...(buckets(
        name,
        [
          [1, 10],
          ['+Inf', 10],
        ],
        { server: 'portal' },
      )[name] ?? []),
      ...(buckets(
        name,
        [
          [1, 0],
          [4, 10],
          ['+Inf', 10],
        ],
        { server: 'identity-provider' },
      )[name] ?? []),
    ],
    ecluse_probes_total: [
      { labels: { way: 'through', result: 'good' }, value: 0 },
      { labels: { way: 'through', result: 'bad' }, value: 1 },
      { labels: { way: 'around', result: 'good' }, value: 1 },
    ],
  }
  t.match(edgeFiguresOf({}, now, 1), {
    portalP95Ms: 950,
    identityP95Ms: 3_850,
    throughGoodRatio: 0,
    aroundGoodRatio: 1,
  })
})
