import { test } from 'tap'
import {
  expectation,
  flagOf,
  flattenSettings,
  nearest,
  readSettings,
  type SettingDeclarations,
} from './settings.ts'

const declarations = {
  name: { kind: 'text', meaning: 'A name.' },
  port: { kind: 'integer', default: 80, min: 1, max: 65_535, unit: 'port', meaning: 'A port.' },
  ratio: { kind: 'number', default: 0.5, min: 0, max: 1, unit: 'share', meaning: 'A ratio.' },
  isFast: { kind: 'flag', default: false, meaning: 'A flag.' },
  mode: { kind: 'choice', choices: ['calm', 'surge'], default: 'calm', meaning: 'A mode.' },
} as const satisfies SettingDeclarations

test('what is not given has its default, and what has none is absent', async (t) => {
  t.same(readSettings(declarations, {}), {
    kind: 'ok',
    settings: { port: 80, ratio: 0.5, isFast: false, mode: 'calm' },
  })
})

const taken: { given: Record<string, unknown>; expect: Record<string, unknown> }[] = [
  { given: { name: 'x' }, expect: { name: 'x' } },
  { given: { port: 1 }, expect: { port: 1 } },
  { given: { port: 65_535 }, expect: { port: 65_535 } },
  { given: { port: '8080' }, expect: { port: 8_080 } },
  { given: { ratio: '0.25' }, expect: { ratio: 0.25 } },
  { given: { ratio: 0 }, expect: { ratio: 0 } },
  { given: { ratio: 1 }, expect: { ratio: 1 } },
  { given: { isFast: true }, expect: { isFast: true } },
  { given: { isFast: 'true' }, expect: { isFast: true } },
  { given: { isFast: 'false' }, expect: { isFast: false } },
  { given: { mode: 'surge' }, expect: { mode: 'surge' } },
  { given: { name: undefined }, expect: { port: 80 } },
]

for (const { given, expect } of taken) {
  test(`${JSON.stringify(given)} is taken`, async (t) => {
    t.match(readSettings(declarations, given), { kind: 'ok', settings: expect })
  })
}

const port = 'port: expected a whole number from 1 to 65535 (port), found '
const ratio = 'ratio: expected a number from 0 to 1 (share), found '
const flag = 'isFast: expected true or false, found '

const refused: { given: Record<string, unknown>; problem: string }[] = [
  { given: { prot: 1 }, problem: 'prot: no such setting; did you mean port?' },
  { given: { isfast: true }, problem: 'isfast: no such setting; did you mean isFast?' },
  {
    given: { somethingElse: 1 },
    problem: 'somethingElse: no such setting; known settings: name, port, ratio, isFast, mode',
  },
  {
    given: { toString: 1 },
    problem: 'toString: no such setting; known settings: name, port, ratio, isFast, mode',
  },
  { given: { port: 0 }, problem: `${port}0.` },
  { given: { port: 65_536 }, problem: `${port}65536.` },
  { given: { port: 1.5 }, problem: `${port}1.5.` },
  { given: { port: '80a' }, problem: `${port}"80a".` },
  { given: { port: '' }, problem: `${port}"".` },
  { given: { port: ' ' }, problem: `${port}" ".` },
  { given: { port: true }, problem: `${port}true.` },
  { given: { port: null }, problem: `${port}null.` },
  { given: { port: [80] }, problem: `${port}[80].` },
  { given: { ratio: -0.01 }, problem: `${ratio}-0.01.` },
  { given: { ratio: 1.01 }, problem: `${ratio}1.01.` },
  { given: { ratio: Number.NaN }, problem: `${ratio}null.` },
  { given: { ratio: 'Infinity' }, problem: `${ratio}"Infinity".` },
  { given: { isFast: 1 }, problem: `${flag}1.` },
  { given: { isFast: 'yes' }, problem: `${flag}"yes".` },
  { given: { isFast: '' }, problem: `${flag}"".` },
  { given: { mode: 'Surge' }, problem: 'mode: expected one of calm, surge, found "Surge".' },
  { given: { name: '' }, problem: 'name: expected a text, found "".' },
  { given: { name: 7 }, problem: 'name: expected a text, found 7.' },
  {
    given: { name: ['x'.repeat(100)] },
    problem: `name: expected a text, found ["${'x'.repeat(55)}....`,
  },
]

for (const { given, problem } of refused) {
  test(`${JSON.stringify(given)} is refused in one sentence`, async (t) => {
    t.same(readSettings(declarations, given), { kind: 'refused', problems: [problem] })
  })
}

test('every problem is said at once', async (t) => {
  const reading = readSettings(declarations, { prot: 1, port: 0, mode: 'x' })
  t.equal(reading.kind === 'refused' && reading.problems.length, 3)
})

test('settings cannot be changed once read', async (t) => {
  const reading = readSettings(declarations, {})
  if (reading.kind === 'refused') throw new Error('refused')
  t.throws(() => Object.assign(reading.settings, { port: 1 }), TypeError)
})

test('a tree of settings is read by dotted names', async (t) => {
  t.same(flattenSettings({ listen: { port: 1, host: 'a' }, processes: 2 }), {
    'listen.port': 1,
    'listen.host': 'a',
    processes: 2,
  })
  t.same(flattenSettings({}), {})
  t.same(flattenSettings(null), {}, 'an empty file')
  t.same(flattenSettings({ a: null }), { a: null })
})

test('names are shown as people type them', async (t) => {
  t.equal(flagOf('pageDeadlineMs'), '--page-deadline-ms')
  t.equal(flagOf('port'), '--port')
})

test('a name that was mistyped finds the one that was meant', async (t) => {
  const known = ['cache.maxBytes', 'cache.entryMaxBytes', 'listen.port']
  t.equal(nearest('cache.maxbytes', known), 'cache.maxBytes')
  t.equal(nearest('listen.prot', known), 'listen.port')
  t.equal(nearest('colour', known), undefined)
  t.equal(nearest('colour', []), undefined)
})

test('what a setting accepts is said in words', async (t) => {
  t.equal(expectation(declarations.port), 'a whole number from 1 to 65535 (port)')
  t.equal(expectation(declarations.mode), 'one of calm, surge')
})
