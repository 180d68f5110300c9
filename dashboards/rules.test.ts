import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'tap'
import { stringify } from 'yaml'
import { rulesFile, rulesText, runbookName } from './prometheus-store.ts'
import { type AlertName, alertRules } from './rules.ts'

const run = promisify(execFile)
const rules = fileURLToPath(rulesFile)

/** Series as promtool writes them: start, growth a minute, times. */
interface Trial {
  readonly fires: Readonly<Record<string, string>>
  /** The same situation, just not bad enough. */
  readonly silent: Readonly<Record<string, string>>
  /** When both are looked at. */
  readonly at: string
}

const requests = (outcome: string): string =>
  `ecluse_requests_total{class="page",outcome="${outcome}"}`
const quick = 'ecluse_request_seconds_bucket{class="page",le="1.5"}'
const answered = 'ecluse_request_seconds_count{class="page"}'
const probes = (way: string, result: string): string =>
  `ecluse_probes_total{way="${way}",result="${result}"}`

/** What makes each alert fire, and what must not; an alert without a row does not compile. */
const trials: Readonly<Record<AlertName, Trial>> = {
  EcluseFailing: {
    fires: { [requests('origin')]: '0+80x120', [requests('origin-timeout')]: '0+20x120' },
    silent: { [requests('origin')]: '0+90x120', [requests('origin-timeout')]: '0+10x120' },
    at: '90m',
  },
  EcluseFailingSlowly: {
    fires: { [requests('origin')]: '0+90x480', [requests('origin-timeout')]: '0+10x480' },
    silent: { [requests('origin')]: '0+95x480', [requests('origin-timeout')]: '0+5x480' },
    at: '420m',
  },
  EcluseSlow: {
    fires: { [quick]: '0+80x120', [answered]: '0+100x120' },
    silent: { [quick]: '0+90x120', [answered]: '0+100x120' },
    at: '90m',
  },
  EcluseTurningAway: {
    fires: { [requests('origin')]: '0+90x30', [requests('gate-full')]: '0+10x30' },
    silent: { [requests('origin')]: '0+96x30', [requests('gate-full')]: '0+4x30' },
    at: '20m',
  },
  EcluseBacklogOld: {
    fires: { 'ecluse_backlog_age_seconds{instance="a"}': '301x10' },
    silent: { 'ecluse_backlog_age_seconds{instance="a"}': '300x10' },
    at: '5m',
  },
  EcluseDeadLetters: {
    fires: { ecluse_dead_letters_total: '0 0 1x20' },
    silent: { ecluse_dead_letters_total: '3x20' },
    at: '10m',
  },
  EcluseRedisLost: {
    fires: { 'ecluse_redis_up{role="durable"}': '1 0x10' },
    silent: { 'ecluse_redis_up{role="durable"}': '0 1x10' },
    at: '5m',
  },
  EcluseLimitsAlone: {
    fires: { ecluse_limiter_fallback_total: '0+120x20' },
    silent: { ecluse_limiter_fallback_total: '0+30x20' },
    at: '15m',
  },
  EclusePortalDown: {
    fires: { [probes('around', 'bad')]: '0+12x10', [probes('around', 'good')]: '50x10' },
    silent: { [probes('around', 'bad')]: '0+1x10', [probes('around', 'good')]: '0+11x10' },
    at: '5m',
  },
  EcluseItIsUs: {
    fires: {
      [probes('through', 'bad')]: '0+12x10',
      [probes('through', 'good')]: '9x10',
      [probes('around', 'bad')]: '0x10',
    },
    silent: {
      [probes('through', 'bad')]: '0+12x10',
      [probes('through', 'good')]: '9x10',
      [probes('around', 'bad')]: '0+12x10',
    },
    at: '5m',
  },
  EcluseProtectionOff: {
    fires: { 'ecluse_stage_enforced{stage="cache"}': '0x90' },
    silent: { 'ecluse_stage_enforced{stage="cache"}': '0x50 1x40' },
    at: '80m',
  },
  EclusePoliciesDiffer: {
    fires: {
      'ecluse_policy_version{instance="a"}': '4x20',
      'ecluse_policy_version{instance="b"}': '5x20',
    },
    silent: {
      'ecluse_policy_version{instance="a"}': '4 5x20',
      'ecluse_policy_version{instance="b"}': '5x20',
    },
    at: '10m',
  },
  EcluseGone: {
    fires: { 'up{job="ecluse-edge",instance="a"}': '1 0x10' },
    silent: { 'up{job="ecluse-edge",instance="a"}': '1x10' },
    at: '5m',
  },
}

/** An ordinary day, an hour of it: everything moves a little, nothing is wrong. */
const ordinaryDay: Readonly<Record<string, string>> = {
  [requests('fresh')]: '0+6000x480',
  [requests('origin')]: '0+3000x480',
  [requests('quota-account')]: '0+10x480',
  [requests('origin-timeout')]: '0+2x480',
  [requests('abandoned')]: '0+500x480',
  [quick]: '0+8990x480',
  [answered]: '0+9000x480',
  'ecluse_backlog_age_seconds{instance="a"}': '0+0x480',
  ecluse_dead_letters_total: '0x480',
  'ecluse_redis_up{role="durable"}': '1x480',
  'ecluse_redis_up{role="volatile"}': '1x480',
  ecluse_limiter_fallback_total: '0x480',
  [probes('through', 'good')]: '0+12x480',
  [probes('around', 'good')]: '0+12x480',
  [probes('through', 'bad')]: '0x480',
  [probes('around', 'bad')]: '0x480',
  'ecluse_stage_enforced{stage="cache"}': '1x480',
  'ecluse_policy_version{instance="a"}': '5x480',
  'ecluse_policy_version{instance="b"}': '5x480',
  'up{job="ecluse-edge",instance="a"}': '1x480',
}

/** One block of promtool's unit tests: after these series this alert fires so many times. */
function block(facts: {
  readonly series: Readonly<Record<string, string>>
  readonly at: string
  readonly alert: string
  readonly firing: readonly object[]
}) {
  const input = Object.entries(facts.series).map(([series, values]) => ({ series, values }))
  const { alert: alertname, at: eval_time, firing: exp_alerts } = facts
  return {
    interval: '1m',
    input_series: input,
    alert_rule_test: [{ eval_time, alertname, exp_alerts }],
  }
}

test('the rules in the repository are the ones the code writes, and Prometheus takes them', async (t) => {
  t.equal(readFileSync(rulesFile, 'utf8'), rulesText(), 'else: npm run dashboards:build')
  const { stdout } = await run('promtool', ['check', 'rules', '--lint=all', rules])
  t.match(stdout, new RegExp(`SUCCESS: ${alertRules.length + 10} rules found`))
})

test('every alert has a page that says what to do', async (t) => {
  for (const { alert } of alertRules) {
    const page = new URL(`../docs/runbooks/${runbookName(alert)}.md`, import.meta.url)
    t.ok(existsSync(page), page.pathname)
    const text = readFileSync(page, 'utf8')
    t.match(text, new RegExp(`^# ${alert}: `), alert)
    for (const part of ['## En français', '## What it means', '## What to do']) t.match(text, part)
  }
})

/** What promtool says of these blocks; empty when it agrees. */
async function verdict(blocks: readonly object[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-rules-'))
  const file = join(folder, 'test.yml')
  const tests = { rule_files: [rules], evaluation_interval: '1m', tests: blocks }
  writeFileSync(file, stringify(tests, { aliasDuplicateObjects: false }))
  try {
    await run('promtool', ['test', 'rules', file])
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return `${stdout}\n${stderr}`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const blocks = (which: 'fires' | 'silent'): readonly object[] =>
  alertRules.map(({ alert }) =>
    block({ series: trials[alert][which], at: trials[alert].at, alert, firing: [] }),
  )

test('no alert fires when it is just not bad enough, nor on an ordinary day', async (t) => {
  t.equal(await verdict(blocks('silent')), '')
  const { alert_rule_test: _, ...day } = block({
    series: ordinaryDay,
    at: '',
    alert: '',
    firing: [],
  })
  const quiet = alertRules.map(({ alert }) => ({
    eval_time: '420m',
    alertname: alert,
    exp_alerts: [],
  }))
  t.equal(await verdict([{ ...day, alert_rule_test: quiet }]), '')
})

test('every alert fires when it should', async (t) => {
  // promtool is told to expect none, and names each alert that fires all the same.
  const said = await verdict(blocks('fires'))
  for (const { alert } of alertRules) {
    const [, found = ''] =
      new RegExp(`alertname: ${alert}, time: ([^]*?)(?:alertname:|$)`).exec(said) ?? []
    t.match(found, /got:\[\s*0:/, alert)
  }
})
