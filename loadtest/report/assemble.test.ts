import { test } from 'tap'
import { assembleResult } from './assemble.ts'
import { unexplainedNulls } from './not-measured.ts'
import { checkResult } from './results-store.ts'
import { sampleArm, sampleRun } from './sample-evidence.ts'

const runs = {
  'both arms': sampleRun(),
  'the edge alone, writes not audited': sampleRun({
    arms: { direct: null, edge: sampleArm('edge') },
    writes: { notAudited: 'the target keeps no ledger we can read' },
  }),
  'a target that tells nothing': sampleRun({
    arms: { direct: { ...sampleArm('direct'), origin: null }, edge: null },
    writes: { notAudited: 'the edge arm was not run' },
  }),
  'a run too short to judge': sampleRun({
    arms: { direct: null, edge: { ...sampleArm('edge'), phases: [], timeline: [] } },
  }),
} as const

test('every result fits the published schema and explains what was not measured', (t) => {
  for (const [name, run] of Object.entries(runs)) {
    const result = assembleResult(run)
    const copy: unknown = JSON.parse(JSON.stringify(result))
    t.match(checkResult(copy, name), { kind: 'ok' }, name)
    t.same(unexplainedNulls(result), [], `${name}: no null without a reason`)
  }
  t.end()
})

test('a null nobody explains is found', (t) => {
  const arm = sampleArm('edge')
  const edge = { ...arm, generator: { ...arm.generator, cpuRatio: null } }
  const result = assembleResult(sampleRun({ arms: { direct: null, edge } }))
  t.same(unexplainedNulls(result), ['generator.cpuRatio'])
  const told = sampleRun({
    arms: { direct: null, edge },
    notMeasured: { 'generator.cpuRatio': 'no /proc' },
  })
  t.same(unexplainedNulls(assembleResult(told)), [])
  t.end()
})

test('the schema misses no field: without any one of them, or with a new one, it refuses', (t) => {
  const whole = JSON.stringify({ ...assembleResult(runs['both arms']), notMeasured: {} })
  const free = new Set(['versions', 'notMeasured'])
  let tried = 0
  const visit = (path: readonly string[]): void => {
    const node = path.reduce<unknown>(
      (value, key) => (value as Record<string, unknown>)[key],
      JSON.parse(whole),
    )
    if (node === null || typeof node !== 'object' || free.has(path.at(-1) ?? '')) return
    if (Array.isArray(node)) return node.length > 0 ? visit([...path, '0']) : undefined
    for (const key of [...Object.keys(node), 'novelty']) {
      const copy: unknown = JSON.parse(whole)
      const parent = path.reduce<unknown>(
        (value, step) => (value as Record<string, unknown>)[step],
        copy,
      ) as Record<string, unknown>
      if (key === 'novelty') parent[key] = 1
      else delete parent[key]
      tried += 1
      const reading = checkResult(copy, 'r')
      if (reading.kind === 'ok') t.fail(`accepted ${[...path, key].join('.')}`)
      if (key !== 'novelty') visit([...path, key])
    }
  }
  visit([])
  t.ok(tried > 150, `${tried} broken results refused`)
  t.end()
})

test('the direct arm breaks and the edge holds, in one sentence of each language', (t) => {
  const { verdict, exitCode, verdictText, arms } = assembleResult(runs['both arms'])
  t.same([verdict, exitCode, arms.direct?.brokeAt, arms.edge?.brokeAt], ['pass', 0, '08:57', null])
  t.same([arms.direct?.recovered, arms.edge?.recovered], [false, true])
  const english =
    /^direct: breaks at 08:57 \(p95 .+ s, \d+ % of pages late or lost, .+x retry amplification.*\); with the edge: holds \(.+\); 0 of 3,114 acknowledged writes lost\.$/
  t.match(verdictText.en.replaceAll('\u00a0', ' '), english)
  t.match(
    verdictText.fr,
    /^en direct\u00a0: rompt à 08:57 .*avec l’écluse\u00a0: tient .*0 écriture acquittée perdue sur 3.114\.$/u,
  )
  t.end()
})

test('a run whose load was not delivered judges nobody', (t) => {
  const arm = sampleArm('edge')
  const cases = [
    {
      figures: {
        startLagP99Ms: 50,
        startLagMaxMs: 1000,
        pageLagP99Ms: 50,
        eventLoopDelayP99Ms: 20,
        cpuRatio: 0.8,
      },
      ids: [],
    },
    { figures: { startLagP99Ms: 50.1 }, ids: ['start-lag-p99'] },
    { figures: { pageLagP99Ms: 51 }, ids: ['page-lag-p99'] },
    { figures: { startLagMaxMs: 1001 }, ids: ['start-lag-max'] },
    { figures: { eventLoopDelayP99Ms: 21 }, ids: ['event-loop-delay-p99'] },
    { figures: { cpuRatio: 0.81, deliveredRatio: 0.999 }, ids: ['cpu', 'delivered'] },
  ]
  for (const { figures, ids } of cases) {
    const edge = { ...arm, generator: { ...arm.generator, ...figures } }
    const result = assembleResult(sampleRun({ arms: { direct: sampleArm('direct'), edge } }))
    t.same(
      result.invalidReasons.map((reason) => reason.id),
      ids,
      JSON.stringify(figures),
    )
    t.equal(result.exitCode, ids.length === 0 ? 0 : 4)
    t.equal(result.arms.direct?.outcome, ids.length === 0 ? 'breaks' : 'not-judged')
  }
  t.end()
})

test('a direct arm that holds too is said, and a leak is never left out', (t) => {
  const edge = sampleArm('edge')
  const both = assembleResult(sampleRun({ arms: { direct: sampleArm('edge'), edge } }))
  t.match(both.verdictText.en, /the origin alone holds too/)
  const leaky = { ...edge, leaks: { answersChecked: 9000, foreignCanaries: 2 } }
  const leak = assembleResult(sampleRun({ arms: { direct: null, edge: leaky } }))
  t.same([leak.verdict, leak.exitCode], ['fail', 3])
  t.match(leak.verdictText.en, /LEAK: 2 answers/)
  t.end()
})
