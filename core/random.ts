import { randomBytes } from 'node:crypto'

/** A stream of numbers in [0, 1) with 53 bits, wholly decided by its seed. */
export interface RandomStream {
  next(): number
}

/**
 * The stream named by `seed` and `path`; equal names give equal streams on every machine.
 * One stream per (seed, session) lets any worker build any session without the others
 * (common random numbers). Cost: four 32-bit words of state, about 25 ns a draw.
 *
 * Generator: sfc32 (Doty-Humphrey, PractRand), seeded by the murmur3 finaliser.
 */
export function randomStream(seed: number | string, ...path: readonly (number | string)[]) {
  let hash = 0x9e3779b9
  for (const part of [seed, ...path]) hash = absorb(hash, part)
  let a = mix(hash ^ 0x243f6a88)
  let b = mix(hash ^ 0x85a308d3)
  let c = mix(hash ^ 0x13198a2e)
  let counter = 1
  const word = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let i = 0; i < 12; i += 1) word()
  return { next: () => ((word() >>> 5) * 67_108_864 + (word() >>> 6)) / 9_007_199_254_740_992 }
}

/** `bytes` of unguessable randomness in base64url, for identifiers and keys. */
export function unguessable(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}

function absorb(hash: number, part: number | string): number {
  const text = typeof part === 'number' ? `#${part}` : `$${part}`
  let next = mix(hash ^ text.length)
  for (let i = 0; i < text.length; i += 1) next = mix((next ^ text.charCodeAt(i)) + 0x9e3779b9)
  return next
}

function mix(value: number): number {
  let x = value | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}
