import type { BenchOptions, Figure } from '../bench.ts'
import type { Client } from './clients-process.ts'

/** What one row of the benchmark came to. */
export interface Measured {
  readonly table: readonly (readonly string[])[]
  readonly figures: readonly Figure[]
}

/** What every row is given. */
export interface Tools {
  readonly folder: string
  readonly options: BenchOptions
  /** Asked for a rate, and asked for all they can. */
  readonly pacedClients: Readonly<Record<string, Client>>
  readonly clients: Readonly<Record<string, Client>>
}
