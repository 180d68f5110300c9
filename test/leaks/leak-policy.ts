/**
 * Classes for the truthful portal, stages as shipped. Entries live for fractions of a second, so
 * that a short run sees many of them begin, age, be confirmed and end; the limits are out of reach.
 */
export const leakPolicy = {
  version: 1,
  session: { cookie: 'PORTALSESSION', passSeconds: 60, changesAtLogin: true },
  stages: {},
  gate: { maxInFlight: 512, maxQueued: 4096 },
  limits: {
    account: { perMinute: 1e9, burst: 1e9 },
    address: { perMinute: 1e9, burst: 1e9 },
    addressPerSession: { perMinute: 1e9, burst: 1e9 },
  },
  waitingRoom: { minInside: 10_000, maxInside: 10_000 },
  classes: [
    read('assets', '/assets/**', { audience: 'public', freshSeconds: 2 }),
    read('school-page', '/schools/**', {
      audience: 'public',
      freshSeconds: 0.3,
      staleWhileRevalidateSeconds: 0.2,
      ignoreQuery: ['_'],
    }),
    read('news', '/news/*', { audience: 'public', freshSeconds: 0.3 }),
    read('shell', '/portal/*', { audience: 'role', freshSeconds: 0.4 }, { isInside: true }),
    read('school-data', '/api/school/*', {
      audience: 'school',
      freshSeconds: 0.3,
      staleWhileRevalidateSeconds: 0.1,
    }),
    read('class-data', '/api/classes/*/*', { audience: 'group', freshSeconds: 0.3 }),
    read('own-data', '/api/me/*'),
    read('feed', '/feed/*', { audience: 'user', freshSeconds: 10 }),
    {
      name: 'change',
      match: { methods: ['POST'], path: '/auth/*' },
      priority: 1,
      // A change whose answer the edge gave up on is out of its sight; that is not what is tested.
      deadlineMs: 60_000,
    },
  ],
}

function read(name: string, path: string, cache?: object, more?: object): object {
  const match = { methods: ['GET', 'HEAD'], path }
  const rules = cache && { cache: { staleIfErrorSeconds: 5, ...cache } }
  return { name, match, priority: 2, deadlineMs: 500, ...rules, ...more }
}
