import type { LabelsOf, MetricCatalogue } from '../core/metric-catalogue.ts'
import { gatewayMetrics } from '../gateway/metrics.ts'
import { workerMetrics } from '../queue-workers/metrics.ts'

/** Every metric there is; PromQL is made from it, so that a renamed metric fails the type check. */
export const catalogue = { ...gatewayMetrics, ...workerMetrics } satisfies MetricCatalogue

type Catalogue = typeof catalogue
type OfKind<K extends string> = {
  [N in keyof Catalogue]: Catalogue[N]['kind'] extends K ? N : never
}[keyof Catalogue]

type Matchers<N extends keyof Catalogue> = {
  readonly [L in keyof LabelsOf<Catalogue[N]>]?:
    | LabelsOf<Catalogue[N]>[L]
    | readonly LabelsOf<Catalogue[N]>[L][]
}

/** A selector of series; a list of values matches any of them. */
export function series<N extends keyof Catalogue>(name: N, where: Matchers<N> = {}): string {
  return `${name}${selector(where)}`
}

/** Growth per second of a counter over `window` (`5m`). */
export function rate<N extends OfKind<'counter'>>(
  name: N,
  window: string,
  where: Matchers<N> = {},
): string {
  return `rate(${series(name, where)}[${window}])`
}

/** Observations per second of a histogram, up to a bound of its buckets or all of them. */
export function observed<N extends OfKind<'histogram'>>(
  name: N,
  window: string,
  where: Matchers<N> & { readonly le?: BoundOf<N> } = {},
): string {
  const { le, ...labels } = where
  const suffix = le === undefined ? '_count' : '_bucket'
  const bound = le === undefined ? {} : { le: String(le) }
  return `rate(${name}${suffix}${selector({ ...labels, ...bound })}[${window}])`
}

type BoundOf<N extends OfKind<'histogram'>> = Catalogue[N] extends {
  readonly buckets: readonly (infer B)[]
}
  ? B
  : never

/** A quantile of a histogram over `window`, in its unit, over all processes. */
export function quantile<N extends OfKind<'histogram'>>(
  of: { readonly name: N; readonly where?: Matchers<N> },
  ratio: number,
  window: string,
): string {
  const buckets = `${of.name}_bucket${selector(of.where ?? {})}`
  return `histogram_quantile(${ratio}, sum by (le) (rate(${buckets}[${window}])))`
}

function selector(where: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(where).map(([label, value]) =>
    Array.isArray(value) ? `${label}=~"${value.join('|')}"` : `${label}="${String(value)}"`,
  )
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}
