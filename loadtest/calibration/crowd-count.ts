const exactUpTo = 64
const cells = 4_096

/**
 * How many different visitors: exact up to 64, then HyperLogLog with 4,096 registers (Flajolet et
 * al. 2007; standard error 1.6 %). At most 4 KB, whatever happens.
 */
export class CrowdCount {
  private few: Set<number> | undefined = new Set()

  private registers: Uint8Array | undefined

  add(visitor: number): void {
    if (this.few !== undefined) {
      this.few.add(visitor)
      if (this.few.size <= exactUpTo) return
      this.registers = new Uint8Array(cells)
      for (const one of this.few) register(this.registers, one)
      this.few = undefined
      return
    }
    register(this.registers as Uint8Array, visitor)
  }

  /** Different visitors so far. */
  get size(): number {
    if (this.few !== undefined) return this.few.size
    const registers = this.registers as Uint8Array
    let sum = 0
    let empty = 0
    for (const rank of registers) {
      sum += 2 ** -rank
      if (rank === 0) empty += 1
    }
    const raw = (0.7213 / (1 + 1.079 / cells)) * ((cells * cells) / sum)
    return Math.round(raw < 2.5 * cells && empty > 0 ? cells * Math.log(cells / empty) : raw)
  }
}

function register(registers: Uint8Array, visitor: number): void {
  const mixed = Math.imul((visitor % 0x1_0000_0000) ^ Math.floor(visitor / 0x1_0000), 0x9e3779b1)
  const cell = (mixed >>> 20) & (cells - 1)
  const rest = Math.imul(mixed ^ (visitor >>> 3), 0x85ebca6b) >>> 0
  const rank = Math.clz32(rest) + 1
  if (rank > (registers[cell] as number)) registers[cell] = rank
}
