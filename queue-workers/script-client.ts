import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { keyPrefix } from './mailbox-scripts.ts'

/** Runs one of our scripts; its text goes over the wire only when Redis does not know it yet. */
export async function runScript(
  redis: Redis,
  script: string,
  parameters: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(digestOf(script), 1, keyPrefix, ...parameters)
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
    return redis.eval(script, 1, keyPrefix, ...parameters)
  }
}

const digests = new Map<string, string>()

function digestOf(script: string): string {
  const known = digests.get(script)
  if (known !== undefined) return known
  const digest = createHash('sha1').update(script).digest('hex')
  digests.set(script, digest)
  return digest
}
