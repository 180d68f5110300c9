import { writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import { type AlertRule, alertRules, recordingRules } from './rules.ts'

/** Where Prometheus finds the rules. */
export const rulesFile = new URL('prometheus/ecluse-rules.yml', import.meta.url)

/** Recording rules and alerts as Prometheus reads them. */
export function rulesText(): string {
  const alerts = alertRules.map((rule: AlertRule) => ({
    alert: rule.alert,
    expr: rule.expr,
    for: rule.for,
    labels: { severity: rule.severity },
    annotations: {
      summary: rule.fr,
      summary_en: rule.en,
      runbook: `docs/runbooks/${runbookName(rule.alert)}.md`,
    },
  }))
  const groups = [
    { name: 'ecluse-recorded', interval: '15s', rules: recordingRules },
    { name: 'ecluse-alerts', interval: '15s', rules: alerts },
  ]
  const head = '# Written by "npm run dashboards:build" from dashboards/rules.ts.\n'
  return head + stringify({ groups }, { lineWidth: 0 })
}

/** `EcluseBacklogOld` is explained in `backlog-old.md`. */
export function runbookName(alert: string): string {
  return alert
    .replace(/^Ecluse/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase()
}

/** Writes the rules where Prometheus reads them. */
export async function writeRules(): Promise<void> {
  await writeFile(rulesFile, rulesText())
}
