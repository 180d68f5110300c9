import { outcomesOf } from '../gateway/metrics.ts'
import { quantile, rate, series } from './query.ts'

/** One panel as data. */
export interface PanelFacts {
  readonly title: string
  readonly help: string
  readonly draws: 'number' | 'curves' | 'table'
  /** A unit of Grafana's: `short`, `reqps`, `s`, `bytes`, `percentunit`. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** From this value on the number turns amber, or red. */
  readonly watchFrom?: number
  readonly actFrom?: number
}

export interface Query {
  readonly expr: string
  readonly legend: string
}

export interface BoardFacts {
  /** File name and address. */
  readonly uid: string
  readonly title: string
  readonly panels: readonly PanelFacts[]
}

const window = '1m'
type Timed = Parameters<typeof quantile>[0]

const p95 = (name: Timed['name'], where?: Timed['where']): string =>
  quantile({ name, ...(where && { where }) }, 0.95, window)
/** The people inside; logins of a slow identity provider would hide them. */
const portal = { server: 'portal' } as const

const ended = (group: Parameters<typeof outcomesOf>[0]): string =>
  // What never happened has no series, and that is zero.
  `(sum(${rate('ecluse_requests_total', window, { outcome: outcomesOf(group) })}) or vector(0))`

const whereItHurts: PanelFacts = {
  title: 'Où passe le temps (p95)',
  help: 'The line, the edge, Redis, the portal and the identity provider. The tallest is where to look.',
  draws: 'curves',
  unit: 's',
  queries: [
    { expr: p95('ecluse_gate_wait_seconds', portal), legend: 'file de l’écluse' },
    { expr: p95('ecluse_edge_seconds'), legend: 'écluse' },
    { expr: p95('ecluse_redis_seconds'), legend: 'Redis' },
    { expr: p95('ecluse_origin_seconds', portal), legend: 'portail' },
    { expr: p95('ecluse_origin_seconds', { server: 'identity-provider' }), legend: 'connexion' },
  ],
}

const probes: PanelFacts = {
  title: 'Est-ce nous ?',
  help: 'Probes that came back good, through the edge and around it. Bad through and good around: it is us.',
  draws: 'curves',
  unit: 'percentunit',
  queries: (['through', 'around'] as const).map((way) => ({
    expr: `(sum(${rate('ecluse_probes_total', window, { way, result: 'good' })}) or vector(0)) / sum(${rate('ecluse_probes_total', window, { way })})`,
    legend: way === 'through' ? 'à travers l’écluse' : 'en direct',
  })),
}

const answers: PanelFacts = {
  title: 'Réponses par seconde',
  help: 'Every request once, by how it ended.',
  draws: 'curves',
  unit: 'reqps',
  queries: [
    { expr: ended('served'), legend: 'servies' },
    { expr: ended('waiting'), legend: 'attente' },
    { expr: ended('turnedAway'), legend: 'refus' },
    { expr: ended('failed'), legend: 'échecs' },
    { expr: ended('abandoned'), legend: 'parties' },
  ],
}

/** Of the whole queue, as each edge sees it: the largest, not the sum. */
const backlog: PanelFacts = {
  title: 'Envois à appliquer',
  help: 'Acknowledged and not applied yet.',
  draws: 'number',
  unit: 'short',
  queries: [{ expr: `max(${series('ecluse_backlog_writes')})`, legend: 'envois' }],
}

/** Each dashboard; the first panel everywhere says where it hurts. */
export const boards: readonly BoardFacts[] = [
  {
    uid: 'ecluse-closure-morning',
    title: 'Écluse · Matin de fermeture',
    panels: [
      whereItHurts,
      probes,
      {
        title: 'Dans le portail',
        help: 'Sessions active recently.',
        draws: 'number',
        unit: 'short',
        queries: [{ expr: `sum(${series('ecluse_inside_sessions')})`, legend: 'sessions' }],
      },
      {
        title: 'En salle d’attente',
        help: 'Places held in line.',
        draws: 'number',
        unit: 'short',
        watchFrom: 1,
        queries: [{ expr: `sum(${series('ecluse_waiting_people')})`, legend: 'personnes' }],
      },
      {
        title: 'Refus',
        help: 'Share of requests turned away.',
        draws: 'number',
        unit: 'percentunit',
        watchFrom: 0.01,
        actFrom: 0.05,
        queries: [{ expr: 'ecluse:turned_away:ratio_rate5m', legend: 'refus' }],
      },
      backlog,
      answers,
      {
        title: 'Temps de réponse',
        help: 'Served requests, first byte in to last byte out.',
        draws: 'curves',
        unit: 's',
        queries: [
          { expr: quantile({ name: 'ecluse_request_seconds' }, 0.5, window), legend: 'médiane' },
          { expr: p95('ecluse_request_seconds'), legend: 'p95' },
          { expr: quantile({ name: 'ecluse_request_seconds' }, 0.99, window), legend: 'p99' },
        ],
      },
    ],
  },
  {
    uid: 'ecluse-edge',
    title: 'Écluse · Les écluses',
    panels: [
      whereItHurts,
      {
        title: 'Ce qui est en force',
        help: '0 is a protection that is switched off.',
        draws: 'table',
        unit: 'short',
        queries: [
          { expr: `min by (stage) (${series('ecluse_stage_enforced')})`, legend: '{{stage}}' },
        ],
      },
      {
        title: 'Passage vers le portail',
        help: 'What the portal works on, what waits, and how many slots there are.',
        draws: 'curves',
        unit: 'short',
        queries: [
          { expr: `sum(${series('ecluse_gate_in_flight', portal)})`, legend: 'en cours' },
          { expr: `sum(${series('ecluse_gate_queued', portal)})`, legend: 'en file' },
          { expr: `sum(${series('ecluse_gate_slots', portal)})`, legend: 'places' },
        ],
      },
      {
        title: 'Raisons de refus et d’échec',
        help: 'By reason; docs/errors.md says each.',
        draws: 'curves',
        unit: 'reqps',
        queries: [
          {
            expr: `sum by (outcome) (${rate('ecluse_requests_total', window, {
              outcome: [...outcomesOf('turnedAway'), ...outcomesOf('failed')],
            })}) > 0`,
            legend: '{{outcome}}',
          },
        ],
      },
      {
        title: 'Rubriques',
        help: 'Requests by class.',
        draws: 'curves',
        unit: 'reqps',
        queries: [
          {
            expr: `sum by (class) (${rate('ecluse_requests_total', window)})`,
            legend: '{{class}}',
          },
        ],
      },
      {
        title: 'Mémoire',
        help: 'Resident memory of each process.',
        draws: 'curves',
        unit: 'bytes',
        queries: [{ expr: 'process_resident_memory_bytes', legend: '{{instance}}' }],
      },
    ],
  },
  {
    uid: 'ecluse-cache',
    title: 'Écluse · Réponses gardées',
    panels: [
      whereItHurts,
      {
        title: 'Part des réponses qui ne coûtent rien au portail',
        help: 'Stored, stale, shared or confirmed, of all answers.',
        draws: 'curves',
        unit: 'percentunit',
        queries: [
          {
            expr: `(sum(${rate('ecluse_requests_total', window, {
              outcome: ['fresh', 'stale', 'coalesced', 'revalidated'],
            })}) or vector(0)) / ${ended('served')}`,
            legend: 'gardées',
          },
        ],
      },
      {
        title: 'Ce que deviennent les réponses',
        help: 'Stored, or why not.',
        draws: 'curves',
        unit: 'ops',
        queries: [
          {
            expr: `sum by (decision) (${rate('ecluse_cache_answers_total', window)})`,
            legend: '{{decision}}',
          },
        ],
      },
      {
        title: 'Mémoire des réponses',
        help: 'Stays below cache.maxBytes.',
        draws: 'curves',
        unit: 'bytes',
        queries: [{ expr: series('ecluse_cache_bytes'), legend: '{{instance}}' }],
      },
    ],
  },
  {
    uid: 'ecluse-schools',
    title: 'Écluse · Équité entre établissements',
    panels: [
      whereItHurts,
      ...(['served', 'turned-away'] as const).map(
        (result): PanelFacts => ({
          title: result === 'served' ? 'Servies, par établissement' : 'Refusées, par établissement',
          help: 'The twenty busiest of the last minute; the others are one.',
          draws: 'curves',
          unit: 'reqps',
          queries: [
            {
              expr: `sum by (school) (${series('ecluse_school_requests_per_second', { result })})`,
              legend: '{{school}}',
            },
          ],
        }),
      ),
    ],
  },
  {
    uid: 'ecluse-writes',
    title: 'Écluse · Envois',
    panels: [
      whereItHurts,
      backlog,
      {
        title: 'Âge du plus ancien',
        help: 'Past backlogMaxSeconds writes are turned away.',
        draws: 'number',
        unit: 's',
        watchFrom: 60,
        actFrom: 300,
        queries: [{ expr: `max(${series('ecluse_backlog_age_seconds')})`, legend: 'âge' }],
      },
      {
        title: 'Acceptés et appliqués',
        help: 'Acknowledged by the edges, applied by the workers.',
        draws: 'curves',
        unit: 'wps',
        queries: [
          { expr: `sum(${rate('ecluse_writes_absorbed_total', window)})`, legend: 'acceptés' },
          { expr: `sum(${rate('ecluse_writes_applied_total', window)})`, legend: 'appliqués' },
          { expr: `sum(${rate('ecluse_write_retries_total', window)})`, legend: 'repris' },
        ],
      },
      {
        title: 'Mis de côté',
        help: 'Dead letters since the workers started: each is somebody’s work.',
        draws: 'number',
        unit: 'short',
        actFrom: 1,
        queries: [{ expr: `sum(${series('ecluse_dead_letters_total')})`, legend: 'envois' }],
      },
    ],
  },
]
