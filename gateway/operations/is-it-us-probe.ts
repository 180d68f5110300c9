import { Client } from 'undici'
import type { Clock } from '../../core/clock.ts'

export interface ProbeResult {
  readonly way: 'through' | 'around'
  readonly result: 'good' | 'bad'
  readonly seconds: number
}

/**
 * Asks for one page every so often, through the edge as people do and around it at the origin, so
 * that "is it us?" has an answer. An answer under 500 within 5 s is good. Each probe has its own
 * connection, as somebody who just arrived.
 */
export function startProbes(facts: {
  readonly clock: Clock
  readonly edgeUrl: string
  readonly originUrl: string
  readonly path: string
  readonly everyMs: number
  note(result: ProbeResult): void
}): { close(): void } {
  const host = new URL(facts.originUrl).host
  const probe = async (way: ProbeResult['way'], url: string): Promise<void> => {
    const beganAtMs = facts.clock.monotonicMs()
    const result = await isGood(url, { path: facts.path, host })
    const seconds = (facts.clock.monotonicMs() - beganAtMs) / 1_000
    facts.note({ way, result: result ? 'good' : 'bad', seconds })
  }
  const probing = setInterval(() => {
    void probe('through', facts.edgeUrl)
    void probe('around', facts.originUrl)
  }, facts.everyMs).unref()
  return { close: () => clearInterval(probing) }
}

const patienceMs = 5_000

async function isGood(url: string, asked: { path: string; host: string }): Promise<boolean> {
  const client = new Client(url, { pipelining: 0, connect: { timeout: patienceMs } })
  try {
    const { statusCode, body } = await client.request({
      method: 'GET',
      path: asked.path,
      headers: { host: asked.host, 'user-agent': 'ecluse-probe', accept: 'text/html' },
      signal: AbortSignal.timeout(patienceMs),
    })
    await body.dump()
    return statusCode < 500
  } catch {
    // Refused, cut or too late: for the person in whose place it asks that is one and the same.
    return false
  } finally {
    await client.destroy()
  }
}
