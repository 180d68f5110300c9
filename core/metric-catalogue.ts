/** One metric as data. Label values are closed sets, so that cardinality is bounded by construction. */
export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** What one of it is; a name with a unit of measure ends in it (`_seconds`, `_bytes`). */
  readonly unit: MetricUnit
  readonly help: string
  /**
   * Label names with every value each may take; `'policy'` marks names taken from the policy's
   * classes, `'top-schools'` the few busiest schools and `rest`.
   */
  readonly labels: Readonly<Record<string, readonly string[] | 'policy' | 'top-schools'>>
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[]
}

export const metricUnits = [
  'seconds',
  'bytes',
  'requests',
  'origins',
  'requests per second',
  'writes per second',
  'answers',
  'refreshes',
  'decisions',
  'sessions',
  'people',
  'writes',
  'attempts',
  'probes',
  'classes',
  'ratio',
  'version',
  'truth',
] as const

/** `truth` is 1 or 0. */
export type MetricUnit = (typeof metricUnits)[number]

export type MetricCatalogue = Readonly<Record<string, MetricDeclaration>>

type NamesOfKind<C extends MetricCatalogue, K extends MetricDeclaration['kind']> = {
  [N in keyof C & string]: C[N]['kind'] extends K ? N : never
}[keyof C & string]

/** The values of one metric's labels; a wrong name or value does not compile. */
export type LabelsOf<D extends MetricDeclaration> = {
  readonly [L in keyof D['labels']]: D['labels'][L] extends readonly (infer V)[] ? V : string
}

/** Records values of the metrics a catalogue declares. O(1). */
export interface Meter<C extends MetricCatalogue> {
  count<N extends NamesOfKind<C, 'counter'>>(name: N, labels: LabelsOf<C[N]>, by?: number): void
  set<N extends NamesOfKind<C, 'gauge'>>(name: N, labels: LabelsOf<C[N]>, value: number): void
  observe<N extends NamesOfKind<C, 'histogram'>>(
    name: N,
    labels: LabelsOf<C[N]>,
    value: number,
  ): void
  /** The same value so many times, in one step. */
  observeAlike<N extends NamesOfKind<C, 'histogram'>>(
    name: N,
    labels: LabelsOf<C[N]>,
    alike: { readonly value: number; readonly times: number },
  ): void
}

/** Keeps nothing; for parts that are tested or used without metrics. */
export function silentMeter<C extends MetricCatalogue>(): Meter<C> {
  const nothing = (): void => undefined
  return { count: nothing, set: nothing, observe: nothing, observeAlike: nothing }
}
