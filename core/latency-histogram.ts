/**
 * Counts of durations in log-linear buckets: 128 per power of two, so that every quantile is
 * within 0.8 % of the exact one, or 1 µs. Range 1 µs to about 19 hours; beyond is clamped.
 * Recording is O(1) without allocation. Histograms merge by adding counts; percentiles are
 * taken after merging, never averaged (load notes of HdrHistogram, Tene 2013).
 */
export class LatencyHistogram {
  private counts = new Float64Array(bucketCount)
  private total = 0
  private sumMs = 0
  private maxMsSeen = 0

  record(durationMs: number, times = 1): void {
    const bucket = bucketOf(durationMs * 1000)
    this.counts[bucket] = (this.counts[bucket] as number) + times
    this.total += times
    this.sumMs += durationMs * times
    if (durationMs > this.maxMsSeen) this.maxMsSeen = durationMs
  }

  merge(other: LatencyHistogram): void {
    for (let i = 0; i < bucketCount; i += 1) {
      this.counts[i] = (this.counts[i] as number) + (other.counts[i] as number)
    }
    this.total += other.total
    this.sumMs += other.sumMs
    this.maxMsSeen = Math.max(this.maxMsSeen, other.maxMsSeen)
  }

  get count(): number {
    return this.total
  }

  get maxMs(): number {
    return this.maxMsSeen
  }

  /** Mean in ms, or null when nothing was recorded. */
  meanMs(): number | null {
    return this.total === 0 ? null : this.sumMs / this.total
  }

  /** The smallest duration that `ratio` (0 to 1) of the records do not exceed, or null if none. */
  quantileMs(ratio: number): number | null {
    if (this.total === 0) return null
    const rank = Math.max(1, Math.ceil(ratio * this.total))
    let seen = 0
    for (let i = 0; i < bucketCount; i += 1) {
      seen += this.counts[i] as number
      if (seen >= rank) return Math.min(this.maxMsSeen, upperEdgeUs(i) / 1000)
    }
    return this.maxMsSeen
  }

  /** Compact form for files and messages: pairs of bucket and count, sums beside them. */
  toJSON(): LatencyHistogramData {
    const buckets: [number, number][] = []
    for (let i = 0; i < bucketCount; i += 1) {
      const count = this.counts[i] as number
      if (count > 0) buckets.push([i, count])
    }
    return { buckets, sumMs: this.sumMs, maxMs: this.maxMsSeen }
  }

  static fromJSON(data: LatencyHistogramData): LatencyHistogram {
    const histogram = new LatencyHistogram()
    for (const [bucket, count] of data.buckets) {
      histogram.counts[bucket] = count
      histogram.total += count
    }
    histogram.sumMs = data.sumMs
    histogram.maxMsSeen = data.maxMs
    return histogram
  }
}

export interface LatencyHistogramData {
  readonly buckets: readonly (readonly [bucket: number, count: number])[]
  readonly sumMs: number
  readonly maxMs: number
}

const perOctave = 128
const octaves = 30
const bucketCount = perOctave * octaves

function bucketOf(us: number): number {
  if (us < perOctave) return us < 0 ? 0 : Math.floor(us)
  const octave = Math.floor(Math.log2(us / perOctave))
  const within = Math.floor(us / 2 ** octave) - perOctave
  return Math.min(bucketCount - 1, perOctave + octave * perOctave + within)
}

function upperEdgeUs(bucket: number): number {
  if (bucket < perOctave) return bucket + 1
  const octave = Math.floor(bucket / perOctave) - 1
  return (perOctave + (bucket % perOctave) + 1) * 2 ** octave
}
