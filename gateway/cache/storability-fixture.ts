import type { WallMs } from '../../core/clock.ts'
import type { Audience, CacheRules } from '../policy/policy.ts'
import { storability } from './storability.ts'

const rulesFor = (audience: Audience): CacheRules => ({
  audience,
  freshSeconds: 30,
  staleWhileRevalidateSeconds: 60,
  staleIfErrorSeconds: 600,
  ignoreQuery: [],
})

export interface Row {
  readonly when: string
  readonly audience: Audience | null
  readonly fields: Record<string, string>
  readonly status?: number
  readonly path?: string
  readonly rules?: Partial<CacheRules>
  readonly isCodingAsked?: boolean
  readonly isAuthorized?: boolean
  readonly expect: string
}

/** The decision on a row, as text: the reason, or the audience and the lifetime. */
export function decided(row: Row): string {
  const decision = storability({
    status: row.status ?? 200,
    fields: new Map(Object.entries(row.fields)),
    rules: row.audience ? { ...rulesFor(row.audience), ...row.rules } : undefined,
    path: row.path ?? '/news',
    codingSet: 'gzip',
    isCodingAsked: row.isCodingAsked ?? true,
    isAuthorized: row.isAuthorized ?? false,
    entryMaxBytes: 1000,
    isOwn: false,
    receivedAtMs: 0 as WallMs,
    unit: 0.5,
  })
  if (decision.kind === 'refuse') return decision.reason
  return `${decision.shape.audience} ${decision.lifetime.freshSeconds}`
}

/** Declared by the origin itself: who, and for how long. */
export const declared = { 'ecluse-audience': 'school', 'ecluse-cache-control': 'max-age=15' }
export const aYear = { 'cache-control': 'public, max-age=31536000' }
