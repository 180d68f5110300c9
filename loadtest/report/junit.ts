import { checkNames, formatCheck } from './generator-verdict.ts'
import { escapeMarkup } from './html-markup.ts'
import { formatCount } from './number-format.ts'
import { armsRun } from './page-language.ts'
import type { Result, SloId, SloResult } from './result.ts'
import { sloFigures } from './slo-text.ts'

/** `skipped` carries a reason: no verdict is neither a pass nor a failure. */
interface TestCase {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly text: string
}

interface Suite {
  readonly name: string
  readonly cases: readonly TestCase[]
}

const auditIds: readonly SloId[] = ['writes-lost', 'writes-duplicated']

/**
 * The result for CI: a suite per arm and phase with a case per objective, a suite for the
 * generator and one for the write audit. The edge is what a run with both arms judges, so the
 * direct arm's misses are then skipped with their figures: the origin alone is meant to fail.
 */
export function junitReport(result: Result): string {
  const suites = [...armSuites(result), generatorSuite(result), auditSuite(result)]
  const total = (outcome: TestCase['outcome']): number =>
    suites.reduce((sum, { cases }) => sum + count(cases, outcome), 0)
  const tests = suites.reduce((sum, { cases }) => sum + cases.length, 0)
  const properties = [
    ['seed', String(result.seed)],
    ['scheduleHash', result.scheduleHash],
    ['verdict', result.verdict],
    ...Object.entries(result.multipliers).map(([name, { planned }]) => [
      `multiplier.${name}`,
      String(planned),
    ]),
  ].map(([name, value]) => `<property name="${name}" value="${escapeMarkup(value as string)}"/>`)
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ecluse ${escapeMarkup(result.scenario.name)}" tests="${tests}" failures="${total('failed')}" skipped="${total('skipped')}">
${suites.map((suite) => suiteMarkup(suite, properties.join(''))).join('\n')}
</testsuites>
`
}

function armSuites(result: Result): Suite[] {
  return armsRun(result).flatMap(({ name, arm }) => {
    const isJudged = name === 'edge' || result.arms.edge === null
    const slos = arm.slos.filter((slo) => !auditIds.includes(slo.id))
    const phases = [...new Set(slos.map((slo) => slo.phase))]
    return phases.map((phase) => ({
      name: `${name}.${phase ?? 'whole-run'}`,
      cases: slos
        .filter((slo) => slo.phase === phase)
        .map((slo) =>
          sloCase(slo, noVerdict(result) ?? (isJudged ? null : 'not the arm under test')),
        ),
    }))
  })
}

function generatorSuite(result: Result): Suite {
  const cases = result.generator.checks.map((check): TestCase => {
    const name = checkNames[check.id].en
    const sign = check.id === 'delivered' ? '<' : '>'
    const text = `${name} ${formatCheck(check, 'actual', 'en')} ${sign} ${formatCheck(check, 'limit', 'en')}`
    if (check.holds === null) return { name, outcome: 'skipped', text: 'not measured' }
    return { name, outcome: check.holds ? 'passed' : 'failed', text }
  })
  const known = new Set<string>(result.generator.checks.map((check) => check.id))
  const others = result.invalidReasons
    .filter((reason) => !known.has(reason.id))
    .map((reason): TestCase => ({ name: reason.id, outcome: 'failed', text: reason.en }))
  return { name: 'generator', cases: [...cases, ...others] }
}

function auditSuite(result: Result): Suite {
  if (result.writes.audit === 'not audited') {
    const text = result.notMeasured['writes'] ?? 'not audited'
    return {
      name: 'write-audit',
      cases: auditIds.map((name) => ({ name, outcome: 'skipped', text })),
    }
  }
  const slos = result.arms.edge?.slos.filter((slo) => auditIds.includes(slo.id)) ?? []
  return { name: 'write-audit', cases: slos.map((slo) => sloCase(slo, noVerdict(result))) }
}

function noVerdict(result: Result): string | null {
  return result.valid ? null : 'the load was not delivered'
}

/** A miss that must not fail the build is skipped with both the figure and `excuse`. */
function sloCase(slo: SloResult, excuse: string | null): TestCase {
  const { name, actual, limit } = sloFigures(slo, 'en')
  if (slo.holds === null)
    return { name, outcome: 'skipped', text: 'too small a sample, or not measured' }
  if (slo.holds && excuse === null) return { name, outcome: 'passed', text: '' }
  const place = slo.phase === null ? 'whole run' : `phase ${slo.phase}`
  const sign = slo.holds ? '<=' : '>'
  const text = `${name} ${actual} ${sign} ${limit} (${place}, out of ${formatCount(slo.sample, 'en')})`
  if (excuse === null) return { name, outcome: 'failed', text }
  return { name, outcome: 'skipped', text: `${excuse}: ${text}` }
}

function suiteMarkup({ name, cases }: Suite, properties: string): string {
  const rows = cases.map((row) => {
    const start = `<testcase classname="${escapeMarkup(name)}" name="${escapeMarkup(row.name)}"`
    if (row.outcome === 'passed') return `${start}/>`
    const text = escapeMarkup(row.text)
    const inner =
      row.outcome === 'failed' ? `<failure message="${text}"/>` : `<skipped message="${text}"/>`
    return `${start}>${inner}</testcase>`
  })
  return `<testsuite name="${escapeMarkup(name)}" tests="${cases.length}" failures="${count(cases, 'failed')}" skipped="${count(cases, 'skipped')}">
<properties>${properties}</properties>
${rows.join('\n')}
</testsuite>`
}

function count(cases: readonly TestCase[], outcome: TestCase['outcome']): number {
  return cases.filter((row) => row.outcome === outcome).length
}
