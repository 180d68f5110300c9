import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { test } from 'tap'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { readScenario } from './scenario-store.ts'
import { publishedScenarioSchema } from './scenario-schema-store.ts'

const folder = join(import.meta.dirname, '../../scenarios')
const shipped = (await readdir(folder))
  .filter((file) => file.endsWith('.json') && file !== 'scenario.schema.json')
  .map((file) => basename(file, '.json'))
const readJson = async (file: string) => JSON.parse(await readFile(join(folder, file), 'utf8'))

test('the published schema is the one that scenarios are read with, and accepts those shipped', async (t) => {
  const published = await readJson('scenario.schema.json')
  t.same(published, JSON.parse(JSON.stringify(publishedScenarioSchema())))
  const validate = new Ajv2020().compile(published)
  for (const name of shipped) t.ok(validate(await readJson(`${name}.json`)), name)
  t.notOk(validate({ ...(await readJson('closure-morning.json')), sessions: 3 }))
})

test('shipped scenarios can be read by name, and their pages exist in the portal', async (t) => {
  for (const name of shipped) {
    const reading = await readScenario(name)
    if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
    t.equal(reading.scenario.name, name)
    for (const day of Object.values(reading.profile.days)) {
      const shares = day.services.value.reduce((sum, { share }) => sum + share, 0)
      t.ok(Math.abs(shares - 1) < 0.001)
      const pages = day.services.value.flatMap((service) => service.pages)
      t.same(
        pages.filter((page) => !Object.hasOwn(referencePortal.pages, page)),
        [],
      )
    }
  }
})

const crowd = {
  name: 'one',
  journey: 'J3',
  role: 'pupil',
  visits: { value: 100, basis: 'assumed', source: 'a test' },
  shape: { kind: 'even', from: '08:00', to: '10:00' },
}

const wrong: { phrase: string; change: Record<string, unknown>; problem: RegExp }[] = [
  {
    phrase: 'an unknown key',
    change: { multiplier: {} },
    problem:
      /^test\.json: multiplier: expected a known key, found "multiplier"; did you mean multipliers\?/,
  },
  {
    phrase: 'a number out of range',
    change: { multipliers: { sessions: -1, pages: 4.5, duration: 3 } },
    problem: /multipliers\.sessions: expected a number above 0 to 100, found -1\.$/,
  },
  {
    phrase: 'a missing key',
    change: { multipliers: { sessions: 1, pages: 4.5 } },
    problem: /multipliers\.duration: expected a number above 0 to 100, found nothing\.$/,
  },
  {
    phrase: 'a closed set',
    change: { day: 'sunday' },
    problem: /day: expected one of baseline, closure, found "sunday"\.$/,
  },
  {
    phrase: 'a clock time',
    change: { phases: [{ name: 'peak', from: '8h55', to: '09:03', share: 1 }] },
    problem: /phases\[0\]\.from: expected a text like .*, found "8h55"\.$/,
  },
  {
    phrase: 'shares',
    change: { phases: [{ name: 'peak', from: '08:55', to: '09:03', share: 0.5 }] },
    problem: /phases: expected shares that sum to 1, found 0\.5\.$/,
  },
  {
    phrase: 'time going backwards',
    change: { phases: [{ name: 'peak', from: '08:55', to: '08:55', share: 1 }] },
    problem: /phases\[0\]\.to: expected a time after 08:55, found "08:55"\.$/,
  },
  {
    phrase: 'a crowd that ends before it comes',
    change: { crowds: [{ ...crowd, shape: { kind: 'even', from: '09:00', to: '08:00' } }] },
    problem: /crowds\[0\]\.shape\.to: expected a time after 09:00, found "08:00"\.$/,
  },
  {
    phrase: 'a triangle whose top is outside',
    change: {
      crowds: [
        { ...crowd, shape: { kind: 'triangle', from: '08:00', peak: '11:00', to: '10:00' } },
      ],
    },
    problem: /crowds\[0\]\.shape\.peak: expected a time after 08:00 and not after 10:00/,
  },
  {
    phrase: 'two crowds of one name',
    change: { crowds: [crowd, crowd] },
    problem: /crowds\[1\]\.name: expected a new name, found "one" again\.$/,
  },
  {
    phrase: 'emphasis on a service that the profile does not have',
    change: { emphasis: { services: { canteen: 2 }, roles: {} } },
    problem: /emphasis\.services: expected one of home, .*, found "canteen"\.$/,
  },
  {
    phrase: 'an unknown profile',
    change: { profile: 'r501' },
    problem: /^r501\.json: expected a readable JSON file/,
  },
]

test('a wrong scenario is refused with the path, what was expected and what was found', async (t) => {
  const temporary = await mkdtemp(join(tmpdir(), 'scenario-'))
  t.teardown(() => rm(temporary, { recursive: true }))
  const file = join(temporary, 'test.json')
  const right = await readJson('closure-morning.json')
  for (const { phrase, change, problem } of wrong) {
    await writeFile(file, JSON.stringify({ ...right, ...change }))
    const reading = await readScenario(file)
    t.equal(reading.kind, 'refused', phrase)
    if (reading.kind === 'refused') t.match(reading.problems[0], problem, phrase)
  }
  await writeFile(file, '{')
  const reading = await readScenario(file)
  t.equal(reading.kind, 'refused', 'not JSON')
})

test('an unknown scenario is refused with those that exist', async (t) => {
  const reading = await readScenario('closure-mornin')
  t.equal(reading.kind, 'refused')
  if (reading.kind === 'refused') {
    t.match(
      reading.problems[0],
      /one of account-activation, .*, found "closure-mornin"; did you mean closure-morning\?/,
    )
  }
})

test('every event of the catalogue is there, and each figure says where it comes from', async (t) => {
  const readings = await Promise.all(shipped.map(readScenario))
  const scenarios = readings.flatMap((one) => (one.kind === 'ok' ? [one.scenario] : []))
  t.equal(scenarios.length, shipped.length)
  const events = new Set(scenarios.map(({ event }) => event))
  for (let n = 1; n <= 12; n += 1) t.ok(events.has(`S${n}`), `S${n}`)
  const unlabelled = scenarios.filter(
    ({ name, figures }) => name !== 'baseline-weekday' && Object.keys(figures).length === 0,
  )
  t.same(unlabelled, [])
})
