import { outcomesOf } from '../gateway/metrics.ts'
import { observed, quantile, rate, series } from './query.ts'

/** A series that is worked out ahead, because several alerts and panels ask for it. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
}

/** What somebody is woken for, or looks at in the morning. */
export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for: string
  /** `page` wakes somebody, `ticket` waits for the day. */
  readonly severity: 'page' | 'ticket'
  readonly fr: string
  readonly en: string
}

/** Requests whose end says something about us: everybody but those who left by themselves. */
const judged = [...outcomesOf('served'), ...outcomesOf('turnedAway'), ...outcomesOf('failed')]

/** Share of judged requests that failed, over one window. */
function failing(window: string): string {
  const failed = rate('ecluse_requests_total', window, { outcome: outcomesOf('failed') })
  const all = rate('ecluse_requests_total', window, { outcome: judged })
  // A group in which nothing ever ended has no series, and that is zero.
  return `(sum(${failed}) or vector(0)) / sum(${all})`
}

/** Share of answers that took longer than 1.5 s, over one window. */
function slow(window: string): string {
  const quick = observed('ecluse_request_seconds', window, { le: 1.5 })
  return `1 - sum(${quick}) / sum(${observed('ecluse_request_seconds', window)})`
}

const windows = ['5m', '30m', '1h', '6h'] as const

/** Recorded under `ecluse:…`; the names say what and over which window. */
export const recordingRules: readonly RecordingRule[] = [
  ...windows.map((window) => ({
    record: `ecluse:failing:ratio_rate${window}`,
    expr: failing(window),
  })),
  ...windows.map((window) => ({ record: `ecluse:slow:ratio_rate${window}`, expr: slow(window) })),
  {
    record: 'ecluse:turned_away:ratio_rate5m',
    expr: `(sum(${rate('ecluse_requests_total', '5m', { outcome: outcomesOf('turnedAway') })}) or vector(0)) / sum(${rate('ecluse_requests_total', '5m', { outcome: judged })})`,
  },
  {
    record: 'ecluse:request_seconds:p95_rate5m',
    expr: quantile({ name: 'ecluse_request_seconds' }, 0.95, '5m'),
  },
]

/**
 * Two windows that both burn: fast ones page, slow ones wait (the SRE workbook's chapter on
 * alerting, multiwindow multi-burn-rate). The objective is 99 % over thirty days.
 */
function burns(what: 'failing' | 'slow', speed: 'fast' | 'slow'): string {
  const [short, long, times] = speed === 'fast' ? ['5m', '1h', 14.4] : ['30m', '6h', 6]
  const bound = `${times} * ${budgetRatio}`
  return `ecluse:${what}:ratio_rate${short} > ${bound} and ecluse:${what}:ratio_rate${long} > ${bound}`
}

/** 1 - 0.99, written as it is: floating point would make 0.010000000000000009 of it. */
const budgetRatio = 0.01

const badProbe = (way: 'through' | 'around'): string =>
  `sum(${rate('ecluse_probes_total', '1m', { way, result: 'bad' })}) > 0 unless sum(${rate('ecluse_probes_total', '1m', { way, result: 'good' })}) > 0`

/** Every alert. Each has a page under docs/runbooks/ of its own name. */
export const alertRules = [
  {
    alert: 'EcluseFailing',
    expr: burns('failing', 'fast'),
    for: '2m',
    severity: 'page',
    fr: 'Le portail ou l’écluse échoue trop souvent : {{ $value | humanizePercentage }} des demandes.',
    en: 'The portal or the edge fails too often: {{ $value | humanizePercentage }} of requests.',
  },
  {
    alert: 'EcluseFailingSlowly',
    expr: burns('failing', 'slow'),
    for: '15m',
    severity: 'ticket',
    fr: 'Des échecs en trop grand nombre depuis des heures.',
    en: 'Too many failures for hours.',
  },
  {
    alert: 'EcluseSlow',
    expr: burns('slow', 'fast'),
    for: '5m',
    severity: 'page',
    fr: '{{ $value | humanizePercentage }} des réponses prennent plus de 1,5 s.',
    en: '{{ $value | humanizePercentage }} of answers take longer than 1.5 s.',
  },
  {
    alert: 'EcluseTurningAway',
    expr: 'ecluse:turned_away:ratio_rate5m > 0.05',
    for: '5m',
    severity: 'page',
    fr: '{{ $value | humanizePercentage }} des demandes sont refusées.',
    en: '{{ $value | humanizePercentage }} of requests are turned away.',
  },
  {
    alert: 'EcluseBacklogOld',
    expr: `max(${series('ecluse_backlog_age_seconds')}) > 300`,
    for: '1m',
    severity: 'page',
    fr: 'Le plus ancien envoi attend depuis {{ $value | humanizeDuration }}.',
    en: 'The oldest write has waited for {{ $value | humanizeDuration }}.',
  },
  {
    alert: 'EcluseDeadLetters',
    expr: `sum(increase(${series('ecluse_dead_letters_total')}[15m])) > 0`,
    for: '0m',
    severity: 'ticket',
    fr: 'Des envois acceptés n’ont pas pu être appliqués.',
    en: 'Acknowledged writes could not be applied.',
  },
  {
    alert: 'EcluseRedisLost',
    expr: `min by (role) (${series('ecluse_redis_up')}) == 0`,
    for: '1m',
    severity: 'page',
    fr: 'Redis ({{ $labels.role }}) ne répond plus à au moins une écluse.',
    en: 'Redis ({{ $labels.role }}) does not answer at least one edge.',
  },
  {
    alert: 'EcluseLimitsAlone',
    expr: `sum(${rate('ecluse_limiter_fallback_total', '5m')}) > 1`,
    for: '5m',
    severity: 'ticket',
    fr: 'Les quotas sont comptés écluse par écluse : Redis tarde.',
    en: 'Each edge counts quotas by itself: Redis is late.',
  },
  {
    alert: 'EclusePortalDown',
    expr: badProbe('around'),
    for: '30s',
    severity: 'page',
    fr: 'Le portail ne répond plus, même sans passer par l’écluse.',
    en: 'The portal does not answer, not even around the edge.',
  },
  {
    alert: 'EcluseItIsUs',
    expr: `(${badProbe('through')}) unless sum(${rate('ecluse_probes_total', '1m', { way: 'around', result: 'bad' })}) > 0`,
    for: '30s',
    severity: 'page',
    fr: 'Le portail répond en direct, mais pas à travers l’écluse.',
    en: 'The portal answers directly, but not through the edge.',
  },
  {
    alert: 'EcluseProtectionOff',
    expr: `min by (stage) (${series('ecluse_stage_enforced')}) == 0`,
    for: '1h',
    severity: 'ticket',
    fr: 'La protection « {{ $labels.stage }} » est arrêtée depuis plus d’une heure.',
    en: 'The protection "{{ $labels.stage }}" has been off for over an hour.',
  },
  {
    alert: 'EclusePoliciesDiffer',
    expr: `max(${series('ecluse_policy_version')}) != min(${series('ecluse_policy_version')})`,
    for: '5m',
    severity: 'ticket',
    fr: 'Toutes les écluses n’ont pas le même réglage.',
    en: 'Not all edges have the same policy.',
  },
  {
    alert: 'EcluseGone',
    expr: 'up{job="ecluse-edge"} == 0',
    for: '1m',
    severity: 'page',
    fr: 'L’écluse {{ $labels.instance }} ne répond plus.',
    en: 'The edge {{ $labels.instance }} does not answer.',
  },
] as const satisfies readonly AlertRule[]

export type AlertName = (typeof alertRules)[number]['alert']
