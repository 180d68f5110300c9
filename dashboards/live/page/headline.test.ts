import { test } from 'tap'
import { type Headline, headlineOf, type Situation } from './headline.ts'

const calm: Situation = {
  connection: 'open',
  isBypassed: false,
  isDraining: false,
  degraded: [],
  throughGoodRatio: null,
  aroundGoodRatio: null,
  served: 100,
  turnedAway: 0,
  failed: 0,
  waitingPeople: 0,
  backlogAgeSeconds: 0,
}

const rows: { what: string; change: Partial<Situation>; says: Partial<Headline> }[] = [
  { what: 'a good day', change: {}, says: { level: 'calm', sentence: 'allWell' } },
  { what: 'a night', change: { served: 0 }, says: { level: 'calm' } },
  { what: 'a few refusals', change: { turnedAway: 5 }, says: { level: 'calm' } },
  {
    what: 'many refusals',
    change: { turnedAway: 25 },
    says: { level: 'act', sentence: 'turningAway', share: 0.2 },
  },
  { what: 'failures', change: { failed: 25, turnedAway: 50 }, says: { sentence: 'portalFailing' } },
  { what: 'people waiting', change: { waitingPeople: 1 }, says: { sentence: 'peopleWait' } },
  { what: 'late writes', change: { backlogAgeSeconds: 301 }, says: { sentence: 'backlogOld' } },
  { what: 'a lost Redis', change: { degraded: ['x'] }, says: { sentence: 'degraded' } },
  {
    what: 'a portal that is down',
    change: { aroundGoodRatio: 0, throughGoodRatio: 0 },
    says: { sentence: 'portalDown' },
  },
  {
    what: 'an edge that is',
    change: { aroundGoodRatio: 1, throughGoodRatio: 0 },
    says: { level: 'act', sentence: 'itIsUs' },
  },
  {
    what: 'both fine',
    change: { aroundGoodRatio: 1, throughGoodRatio: 1 },
    says: { level: 'calm' },
  },
  { what: 'a bypass', change: { isBypassed: true, failed: 99 }, says: { sentence: 'bypassed' } },
  { what: 'a stop', change: { isDraining: true }, says: { sentence: 'draining' } },
  {
    what: 'a lost connection, whatever was last seen',
    change: { connection: 'lost', failed: 99 },
    says: { level: 'unknown', sentence: 'lost' },
  },
  { what: 'a closed door', change: { connection: 'sign-in' }, says: { sentence: 'signInNeeded' } },
]

for (const { what, change, says } of rows) {
  test(`the sentence on ${what}`, async (t) => {
    t.match(headlineOf({ ...calm, ...change }), says)
  })
}
