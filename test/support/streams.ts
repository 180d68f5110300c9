import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'

/** More than the buffers of the kernel hold between three parties on one machine. */
export const plentyBytes = 64 * 1024 * 1024

/** A stream of that many bytes, made as fast as they are read; `onMade` hears how many. */
export function pieces(bytes: number, onMade: (bytes: number) => void = () => undefined): Readable {
  let made = 0
  return new Readable({
    read() {
      made += chunk.length
      onMade(made)
      this.push(made <= bytes ? chunk : null)
    },
  })
}

const chunk = Buffer.alloc(64 * 1024, 'x')

/** The value once it has stopped changing: a stream that is held back stands still. */
export async function settled(read: () => number): Promise<number> {
  for (let last = -1; ; ) {
    const value = read()
    if (value === last && value > 0) return value
    last = value
    await setTimeout(80)
  }
}
