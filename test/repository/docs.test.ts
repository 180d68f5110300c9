import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { flagOf, flattenSettings, type SettingDeclarations } from '../../core/settings.ts'
import { gatewayMetrics } from '../../gateway/metrics.ts'
import { reasons } from '../../gateway/outcome.ts'
import { policySchema, readPolicy } from '../../gateway/policy/policy-reader-store.ts'
import { gatewaySettings, readGatewaySettings } from '../../gateway/settings.ts'
import { calibrateSettings } from '../../loadtest/calibration/calibrate-settings.ts'
import { capacitySettings } from '../../loadtest/capacity/capacity-settings.ts'
import { runSettings } from '../../loadtest/engine/run-settings.ts'
import { protections, rehearsalSettings } from '../../loadtest/rehearsal/settings.ts'
import { k6Settings } from '../../loadtest/k6/k6-settings.ts'
import { planSettings } from '../../loadtest/schedule/plan-settings.ts'
import { standInSettings } from '../../loadtest/stand-in/settings.ts'
import { workerMetrics } from '../../queue-workers/metrics.ts'
import { requiredSettings, workerSettings } from '../../queue-workers/settings.ts'
import { deadLetterReasons } from '../../queue-workers/write-job.ts'
import {
  differences,
  exitCodesIn,
  failureCodesIn,
  keysOf,
  type Schema,
  settingText,
} from './documented.ts'
import { importRules } from './import-rules.ts'
import {
  anchorsIn,
  codeBlocksIn,
  linksIn,
  type TableRows,
  tablesIn,
  tableUnder,
} from './markdown.ts'
import { filesMatching, root, textOf } from './sources.ts'

const column = (rows: TableRows, at = 0): string[] => rows.map((cells) => cells[at] ?? '')
const columns = (rows: TableRows, ...which: number[]): string[] =>
  rows.map((cells) => which.map((at) => cells[at]).join(' '))

test('every reason of the edge is documented with its status and kind', async (t) => {
  const inCode = Object.entries(reasons).map(
    ([name, { status, kind }]) => `${name} ${status} ${kind}`,
  )
  const inDocs = columns(tableUnder(textOf('docs/errors.md'), 'Reasons'), 0, 1, 2)
  t.same(differences({ inCode, inDocs }), [])
})

/** Given outside the pipeline: by any mistake of ours, and by an address of our own. */
const besideThePipeline = new Set(['edge-failure', 'receipt-unknown'])

test('the picture of a request shows every way in which it can be turned away', async (t) => {
  const rows = tableUnder(textOf('docs/errors.md'), 'Reasons')
  const reserved = column(rows.filter((cells) => cells[3]?.startsWith('Reserved:')))
  const [picture = ''] = codeBlocksIn(textOf('docs/lifecycle.md'), 'text')
  const shown = [...picture.matchAll(/^ +(\d{3}) ([a-z-]+) +◀──/gm)]
  const inCode = Object.entries(reasons)
    .filter(([name]) => !reserved.includes(name) && !besideThePipeline.has(name))
    .map(([name, { status }]) => `${status} ${name}`)
  t.same(differences({ inCode, inDocs: shown.map(([, ...cells]) => cells.join(' ')) }), [])
  const given = filesMatching('gateway/**/*.ts').filter((file) => {
    const places = textOf(file).matchAll(/(?:turnAway\(|later\(|reason: )[^\n]*?'([a-z-]+)'/g)
    return [...places].some(([, name]) => reserved.includes(name as string))
  })
  t.same(given, [], 'what is documented as reserved is given nowhere')
})

test('every failure code is documented with the folder it comes from', async (t) => {
  const files = filesMatching('{core,dashboards,gateway,queue-workers,loadtest}/**/*.ts')
  const inCode = files
    .filter((file) => !/\.test\.ts$|-fixture\.ts$/.test(file))
    .flatMap((file) => failureCodesIn(textOf(file)).map((code) => `${code} ${dirname(file)}`))
  const inDocs = columns(tableUnder(textOf('docs/errors.md'), 'Failure codes'), 0, 1)
  t.same(differences({ inCode, inDocs }), [])
})

test('every reason of a dead letter is documented', async (t) => {
  const rows = tableUnder(textOf('docs/errors.md'), 'Why a write becomes a dead letter')
  t.same(differences({ inCode: deadLetterReasons, inDocs: column(rows) }), [])
})

test('every exit code is documented, in the errors and in the README', async (t) => {
  const files = filesMatching('bin/*', '**/main.ts', 'loadtest/report/verdict.ts')
  const inCode = files.flatMap((file) => exitCodesIn(textOf(file)))
  for (const [file, heading] of [
    ['docs/errors.md', 'Exit codes'],
    ['README.md', 'Reading the verdict'],
  ] as const) {
    const inDocs = column(tableUnder(textOf(file), heading))
    t.same(differences({ inCode, inDocs }), [], file)
  }
})

test('every metric is documented with its kind, unit and labels', async (t) => {
  const inCode = Object.entries({ ...gatewayMetrics, ...workerMetrics }).map(
    ([name, { kind, unit, labels }]) =>
      `${name} ${kind} ${unit} ${Object.keys(labels).join(', ') || 'none'}`,
  )
  const inDocs = tablesIn(textOf('docs/metrics.md')).flatMap((rows) => columns(rows, 0, 1, 2, 3))
  t.same(differences({ inCode, inDocs }), [])
})

const required = Object.keys(gatewaySettings).filter((name) => {
  const reading = readGatewaySettings({})
  return reading.kind === 'refused' && reading.problems.some((one) => one.startsWith(`${name}:`))
})

/** Each table of settings, where it is documented, and how its names are written there. */
const settingTables: {
  file: string
  heading: string
  settings: SettingDeclarations
  required?: readonly string[]
  written?: (name: string) => string
}[] = [
  { file: 'docs/configuration.md', heading: 'The edge', settings: gatewaySettings, required },
  {
    file: 'docs/configuration.md',
    heading: 'The workers',
    settings: workerSettings,
    required: requiredSettings,
  },
  {
    file: 'docs/configuration.md',
    heading: 'The stand-in',
    settings: standInSettings,
    required: ['ledger'],
    written: flagOf,
  },
  {
    file: 'docs/rehearsal.md',
    heading: 'Options',
    settings: rehearsalSettings,
    written: flagOf,
  },
  {
    file: 'docs/calibration.md',
    heading: 'Options',
    settings: calibrateSettings,
    written: flagOf,
  },
  {
    file: 'docs/capacity.md',
    heading: 'Options',
    settings: capacitySettings,
    required: ['target'],
    written: flagOf,
  },
  { file: 'docs/k6.md', heading: 'Options', settings: k6Settings, written: flagOf },
  { file: 'docs/rehearsal.md', heading: 'ecluse plan', settings: planSettings, written: flagOf },
  {
    file: 'docs/rehearsal.md',
    heading: 'ecluse run',
    settings: runSettings,
    required: ['target'],
    written: flagOf,
  },
]

for (const { file, heading, settings, required = [], written = String } of settingTables) {
  test(`every setting under "${heading}" of ${file} is there with its default`, async (t) => {
    const inCode = Object.entries(settings).map(([name, declaration]) =>
      settingText(written(name), {
        default: declaration.default,
        isRequired: required.includes(name),
      }),
    )
    const inDocs = tableUnder(textOf(file), heading).map(([name, value]) => `${name} = ${value}`)
    t.same(differences({ inCode, inDocs }), [])
  })
}

test('every key of the policy is documented with its default', async (t) => {
  const inCode = keysOf(z.toJSONSchema(policySchema, { io: 'input' }) as Schema)
  const rows = tableUnder(textOf('docs/configuration.md'), 'The policy')
  t.same(differences({ inCode, inDocs: rows.map(([key, value]) => `${key} = ${value}`) }), [])
})

test('the examples of the configuration would be taken', async (t) => {
  const examples = codeBlocksIn(textOf('docs/configuration.md'), 'yaml')
  const policies = examples.filter((text) => text.includes('classes:'))
  const settings = examples.filter((text) => text.includes('listen:'))
  t.equal(policies.length + settings.length, examples.length)
  for (const text of policies) t.match(readPolicy(text), { kind: 'ok' })
  for (const text of settings) {
    t.match(readGatewaySettings(flattenSettings(parse(text))), { kind: 'ok' })
  }
  t.ok(policies.length > 0 && settings.length > 0)
})

test('every protection that a rehearsal can do without is documented', async (t) => {
  const rows = tableUnder(textOf('docs/rehearsal.md'), 'Doing without a protection')
  t.same(differences({ inCode: protections, inDocs: column(rows) }), [])
})

test('every command and every script is documented', async (t) => {
  const commands = [...textOf('bin/ecluse').matchAll(/^ {2}'?([a-z0-9-]+)'?: \['/gm)]
  const inCode = commands.map(([, name]) => name as string)
  const inDocs = column(tableUnder(textOf('README.md'), 'Commands'))
  t.same(differences({ inCode, inDocs }), [])
  const scripts = Object.keys(JSON.parse(textOf('package.json')).scripts).map((name) =>
    name === 'test' ? 'npm test' : `npm run ${name}`,
  )
  const described = column(tableUnder(textOf('docs/contributing.md'), 'Commands'))
  t.same(differences({ inCode: scripts, inDocs: described }), [])
})

test('the import table that people read is the one that is enforced', async (t) => {
  const inCode = importRules.map(
    ({ files, kind = 'both', may }) => `${files} ${kind} ${may.join(', ')}`,
  )
  const rows = tableUnder(textOf('docs/contributing.md'), 'Who may import what')
  // Order counts: a file is under the first row that matches.
  t.same(columns(rows, 0, 1, 2), inCode)
})

test('every dependency has its reason, and every reason its dependency', async (t) => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(textOf('package.json'))
  const kinds = {
    runtime: dependencies,
    development: devDependencies,
    optional: optionalDependencies,
  }
  const inCode = Object.entries(kinds).flatMap(([kind, packages]) =>
    Object.keys(packages as object).map((name) => `${name} ${kind}`),
  )
  const rows = tableUnder(textOf('docs/decisions/0002-dependencies.md'), '0002: Dependencies')
  t.same(differences({ inCode, inDocs: columns(rows, 0, 1) }), [])
})

test('every link between our documents leads somewhere', async (t) => {
  const files = filesMatching('**/*.md')
  const links = files.flatMap((file) => linksIn(textOf(file)).map((link) => ({ file, link })))
  const lost = links.filter(({ file, link }) => !/^[a-z]+:/.test(link) && !leads(file, link))
  t.same(lost, [])
  t.ok(links.length > 30, `${links.length} links in ${files.length} documents were followed`)
})

test('every decision is listed in the README and ends with what would change our mind', async (t) => {
  const listed = linksIn(textOf('README.md'))
  for (const file of filesMatching('docs/decisions/*.md')) {
    t.ok(listed.includes(file), file)
    t.match(textOf(file).trim().split('\n\n').at(-1), /^\*\*What would change our mind/, file)
  }
})

function leads(file: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? file : join(dirname(file), path)
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || anchorsIn(textOf(target)).has(anchor)
}
