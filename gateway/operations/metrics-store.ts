import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type {
  LabelsOf,
  Meter,
  MetricCatalogue,
  MetricDeclaration,
} from '../../core/metric-catalogue.ts'
import type { Sample, Samples } from './live-figures.ts'

export interface MetricsStore<C extends MetricCatalogue> {
  readonly meter: Meter<C>
  /** Puts these series in the place of all series of one gauge. */
  replace<N extends keyof C & string>(name: N, series: readonly SeriesOf<C[N]>[]): void
  /** Values of some metrics as they are now; of histograms the buckets. */
  samples(names: readonly (keyof C & string)[]): Promise<Samples>
  /** The Prometheus text of everything recorded so far. */
  text(): Promise<string>
  readonly contentType: string
}

interface SeriesOf<D extends MetricDeclaration> {
  readonly labels: LabelsOf<D>
  readonly value: number
}

/** Keeps the values of a catalogue's metrics for Prometheus. */
export function metricsStore<C extends MetricCatalogue>(catalogue: C): MetricsStore<C> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counters = new Map<string, Counter<string>>()
  const gauges = new Map<string, Gauge<string>>()
  const histograms = new Map<string, Histogram<string>>()
  for (const [name, declaration] of Object.entries(catalogue)) {
    const options = optionsOf(name, declaration, registry)
    if (declaration.kind === 'counter') counters.set(name, new Counter(options))
    else if (declaration.kind === 'gauge') gauges.set(name, new Gauge(options))
    else
      histograms.set(name, new Histogram({ ...options, buckets: [...(declaration.buckets ?? [])] }))
  }
  const samplesOf = async (name: string) => {
    const metric = counters.get(name) ?? gauges.get(name) ?? histograms.get(name)
    const values = ((await metric?.get())?.values ?? []) as (Sample & { metricName?: string })[]
    const isHistogram = histograms.has(name)
    // Copies: a counter gives the very objects it goes on counting in.
    const kept = values
      .filter((one) => !isHistogram || one.metricName === `${name}_bucket`)
      .map(({ labels, value }) => ({ labels, value }))
    return [name, kept] as const
  }
  return {
    meter: {
      count: (name, labels, by = 1) => counters.get(name)?.inc(labels as Labels, by),
      set: (name, labels, value) => gauges.get(name)?.set(labels as Labels, value),
      observe: (name, labels, value) => histograms.get(name)?.observe(labels as Labels, value),
      observeAlike: (name, labels, alike) => {
        const histogram = histograms.get(name)
        if (histogram) observeAlike(histogram, labels as Labels, alike)
      },
    },
    replace: (name, series) => {
      gauges.get(name)?.reset()
      for (const { labels, value } of series) gauges.get(name)?.set(labels as Labels, value)
    },
    samples: async (names) => Object.fromEntries(await Promise.all(names.map(samplesOf))),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

/**
 * One observation is made; the others are added to what it changed. The entry is not in the types
 * of prom-client, whose version is pinned: without it each is made by itself.
 */
function observeAlike(
  histogram: Histogram<string>,
  labels: Labels,
  { value, times }: { readonly value: number; readonly times: number },
): void {
  const bucket = histogramBuckets(histogram).find((bound) => value <= bound)
  const { store } = histogram as unknown as { readonly store?: { entry?(labels: Labels): unknown } }
  for (let left = times; left > 0; left -= 1) {
    histogram.observe(labels, value)
    const entry = store?.entry?.(labels) as HistogramEntry | undefined
    if (typeof entry?.bucketValues !== 'object') continue
    const more = left - 1
    entry.sum += value * more
    entry.count += more
    if (bucket !== undefined) entry.bucketValues[bucket] = (entry.bucketValues[bucket] ?? 0) + more
    return
  }
}

interface HistogramEntry {
  sum: number
  count: number
  readonly bucketValues: Record<number, number>
}

function histogramBuckets(histogram: Histogram<string>): readonly number[] {
  return (histogram as unknown as { readonly upperBounds?: readonly number[] }).upperBounds ?? []
}

function optionsOf(name: string, { help, labels }: MetricDeclaration, registry: Registry) {
  return { name, help, labelNames: Object.keys(labels), registers: [registry] }
}

// The catalogue's types are closed sets of texts; prom-client wants any texts.
type Labels = Record<string, string>
