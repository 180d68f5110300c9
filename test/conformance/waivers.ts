import type { Waiver } from './score.ts'

const suite = 'https://github.com/http-tests/cache-tests/blob/main'
const ageRule = {
  ground: 'rfc',
  link: 'https://www.rfc-editor.org/rfc/rfc9111#section-5.1',
} as const
const cookieRule = {
  ground: 'promise',
  reason: 'A cookie is one person’s: an answer that sets one is never stored.',
  link: 'docs/decisions/0006-public-cache-tests.md',
} as const

const ignoredAges = [
  ['nonnumeric', 'abc'],
  ['negative', '-7200'],
  ['float', '7200.0'],
  ['parameter', '7200;foo=bar'],
  ['numeric-parameter', '7200;foo=111'],
]
const severalAges = [
  ['prefix-twoline', '0 and 7200'],
  ['dup-0', '0, 0'],
  ['dup-0-twoline', '0 and 0'],
  ['dup-old', '3600, 3600 under max-age=10000'],
]
const cookieCases = [
  'headers-store-Set-Cookie',
  'headers-store-Set-Cookie2',
  '304-etag-update-response-Set-Cookie',
  '304-etag-update-response-Set-Cookie2',
  'other-set-cookie',
]
const closedCases = ['must-revalidate', 'proxy-revalidate', 'no-cache', 's-maxage=2']
const malformedParts = ['', '-byterange', '-absent', '-suffix']

/** The cases we fail on purpose. One that starts passing, or goes away, fails the run. */
export const waivers: readonly Waiver[] = [
  ...ignoredAges.map(([id, value]) => ({
    id: `age-parse-${id}`,
    reason: `An Age that is not a non-negative integer (${value}) is ignored, not taken for old.`,
    ...ageRule,
  })),
  ...severalAges.map(([id, value]) => ({
    id: `age-parse-${id}`,
    reason: `The first of several Ages counts (${value}), and by it the answer is fresh.`,
    ...ageRule,
  })),
  {
    id: '304-etag-update-response-ETag',
    ground: 'rfc',
    reason: 'A 304 with another strong tag than the stored answer’s must not update it.',
    link: 'https://www.rfc-editor.org/rfc/rfc9111#section-4.3.4',
  },
  ...cookieCases.map((id) => ({ id, ...cookieRule })),
  ...closedCases.map((directive) => ({
    id: `stale-close-${directive}`,
    ground: 'suite' as const,
    reason:
      'The origin closes the connection, and a field of its answer is then expected on ours: no ' +
      'cache can pass. We answer 502, as this test of ours says: gateway/cache/stale.test.ts.',
    link: `${suite}/client/test.mjs`,
  })),
  {
    id: 'conditional-lm-fresh-no-lm',
    ground: 'rfc',
    reason: 'Without Last-Modified the Date counts, and this one is later than what is asked for.',
    link: 'https://www.rfc-editor.org/rfc/rfc9111#section-4.3.2',
  },
  ...malformedParts.map((id) => ({
    id: `partial-store-partial-reuse-partial${id}`,
    ground: 'suite' as const,
    reason: 'Its 206 says six bytes (4-9) and brings five: an answer to be dropped, not stored.',
    link: `${suite}/tests/partial.mjs`,
  })),
  {
    id: 'partial-store-partial-complete',
    ground: 'rfc',
    reason: 'Parts are combined only under one strong validator, and these have none.',
    link: 'https://www.rfc-editor.org/rfc/rfc9111#section-3.4',
  },
  {
    id: 'method-POST',
    ground: 'promise',
    reason: 'What a write is answered is its writer’s.',
    link: 'docs/decisions/0006-public-cache-tests.md',
  },
  {
    id: 'vary-normalise-lang-select',
    ground: 'promise',
    reason: 'Which language somebody gets is the portal’s choice; the edge does not make it anew.',
    link: 'docs/decisions/0006-public-cache-tests.md',
  },
]
