import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { cycleIn } from './cycles.ts'
import { importProblem } from './import-rules.ts'
import { filesMatching, importsIn, root, textOf } from './sources.ts'

const files = filesMatching(
  '{core,gateway,queue-workers,loadtest,scenarios,dashboards,test}/**/*.ts',
)

test('every import keeps to the import table', async (t) => {
  let seen = 0
  const problems = files.flatMap((file) => {
    const imports = importsIn(file, textOf(file))
    seen += imports.length
    return imports.map((found) => importProblem(file, found)).filter((one) => one !== undefined)
  })
  t.same(problems, [])
  t.ok(seen > files.length, `${seen} imports in ${files.length} files were read`)
})

test('every import of ours leads to a file', async (t) => {
  const lost = files.flatMap((file) =>
    importsIn(file, textOf(file))
      .filter(({ target }) => !/^(?:node|npm):/.test(target) && !existsSync(join(root, target)))
      .map(({ target }) => `${file} imports ${target}`),
  )
  t.same(lost, [])
})

test('no file imports itself by a detour', async (t) => {
  const graph = new Map(
    files.map((file) => {
      const values = importsIn(file, textOf(file)).filter(({ isTypeOnly }) => !isTypeOnly)
      return [file, values.map(({ target }) => target)] as const
    }),
  )
  t.equal(cycleIn(graph)?.join(' → '), undefined)
})

const rows: { file: string; target: string; isTypeOnly?: boolean; isFine: boolean }[] = [
  { file: 'core/gcra.ts', target: 'core/clock.ts', isFine: true },
  { file: 'core/gcra.ts', target: 'gateway/outcome.ts', isFine: false },
  { file: 'core/gcra.ts', target: 'node:crypto', isFine: false },
  { file: 'core/random.ts', target: 'node:crypto', isFine: true },
  { file: 'core/clock.ts', target: 'npm:undici', isFine: false },
  { file: 'gateway/cache/reuse.ts', target: 'gateway/cache/question.ts', isFine: true },
  { file: 'gateway/cache/reuse.ts', target: 'gateway/identity/pass.ts', isFine: false },
  { file: 'gateway/cache/reuse.ts', target: 'gateway/exchange.ts', isTypeOnly: true, isFine: true },
  { file: 'gateway/cache/reuse.ts', target: 'gateway/exchange.ts', isFine: false },
  { file: 'gateway/cache/reuse.ts', target: 'node:url', isFine: false },
  { file: 'gateway/cache/reuse.ts', target: 'npm:lru-cache', isFine: false },
  { file: 'gateway/cache/reuse.ts', target: 'gateway/cache/memory-store.ts', isFine: false },
  { file: 'gateway/cache/memory-store.ts', target: 'npm:lru-cache', isFine: true },
  { file: 'gateway/cache/stage.ts', target: 'gateway/turned-away.ts', isFine: true },
  { file: 'gateway/cache/stage.ts', target: 'gateway/admission/stage.ts', isFine: false },
  { file: 'gateway/cache/stage.ts', target: 'queue-workers/write-job.ts', isFine: false },
  { file: 'gateway/write-absorption/stage.ts', target: 'queue-workers/write-job.ts', isFine: true },
  { file: 'gateway/write-absorption/stage.ts', target: 'queue-workers/turn.ts', isFine: false },
  {
    file: 'gateway/pipeline.ts',
    target: 'gateway/cache/stage.ts',
    isTypeOnly: true,
    isFine: true,
  },
  { file: 'gateway/pipeline.ts', target: 'gateway/cache/reuse.ts', isFine: false },
  { file: 'gateway/main.ts', target: 'loadtest/main.ts', isFine: false },
  { file: 'gateway/edge-process.ts', target: 'gateway/keys/key-store.ts', isFine: true },
  { file: 'queue-workers/turn.ts', target: 'queue-workers/write-job.ts', isFine: true },
  { file: 'queue-workers/worker-process.ts', target: 'gateway/redis-client.ts', isFine: false },
  { file: 'queue-workers/turn.ts', target: 'loadtest/report/result.ts', isFine: false },
  { file: 'loadtest/engine/attempt.ts', target: 'loadtest/schedule/session.ts', isFine: true },
  { file: 'loadtest/engine/attempt.ts', target: 'scenarios/portals/portal.ts', isFine: true },
  { file: 'loadtest/engine/run-process.ts', target: 'gateway/outcome.ts', isFine: false },
  {
    file: 'loadtest/engine/run-process.ts',
    target: 'gateway/outcome.ts',
    isTypeOnly: true,
    isFine: false,
  },
  { file: 'loadtest/engine/attempt.ts', target: 'node:http', isFine: false },
  { file: 'loadtest/rehearsal/main.ts', target: 'queue-workers/main.ts', isFine: false },
  { file: 'scenarios/portals/portal.ts', target: 'npm:zod', isFine: false },
  { file: 'dashboards/build.ts', target: 'gateway/metrics.ts', isFine: true },
  { file: 'dashboards/build.ts', target: 'gateway/outcome.ts', isFine: false },
  { file: 'core/settings.ts', target: 'test/support/client.ts', isFine: false },
  { file: 'gateway/main.ts', target: 'gateway/cache/reuse.test.ts', isFine: false },
  { file: 'gateway/cache/reuse.test.ts', target: 'npm:tap', isFine: true },
  { file: 'elsewhere/new.ts', target: 'core/clock.ts', isFine: false },
]

for (const { file, target, isTypeOnly = false, isFine } of rows) {
  test(`${file} ${isFine ? 'may' : 'may not'} import ${target}`, async (t) => {
    const problem = importProblem(file, { target, isTypeOnly })
    if (isFine) t.equal(problem, undefined)
    else t.ok(problem?.startsWith(`${file} imports ${target}: `), problem ?? 'no problem found')
  })
}

test('every way to import is read', async (t) => {
  // In quotes line by line, so that this file does not seem to import them itself.
  const dynamic = 'import'
  const text = [
    "import { a } from './a.ts'",
    "import type { B } from '../b.ts'",
    'import {',
    '  c,',
    '  type D,',
    '} from "npm-package/part"',
    "import './e.ts'",
    "export { f } from './f.ts'",
    "export type { G } from './g.ts'",
    `const h = await ${dynamic}('./h.ts')`,
    `type I = typeof ${dynamic}('node:fs')`,
    "import J, { j } from 'j'",
    "// import { no } from './no.ts'",
    `const from = "it is imported from 'nowhere'"`,
  ].join('\n')
  t.same(
    importsIn('core/x.ts', text).map(({ target, isTypeOnly }) =>
      isTypeOnly ? `type ${target}` : target,
    ),
    [
      'core/a.ts',
      'type b.ts',
      'npm:npm-package/part',
      'core/f.ts',
      'type core/g.ts',
      'npm:j',
      'core/e.ts',
      'core/h.ts',
      'type node:fs',
    ],
  )
})

test('a cycle is found and shown', async (t) => {
  const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges))
  t.same(cycleIn(graph({ a: ['b'], b: ['c', 'd'], c: [], d: ['b'] })), ['b', 'd', 'b'])
  t.same(cycleIn(graph({ a: ['a'] })), ['a', 'a'])
  t.equal(cycleIn(graph({ a: ['b', 'c'], b: ['c'], c: ['node:fs'] })), undefined)
})
