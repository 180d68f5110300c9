import { request } from 'undici'
import { Failure } from '../../core/failure.ts'
import type { PortalFaults } from '../schedule/scenario.ts'
import { readTarget } from './target.ts'

/**
 * Sets the stand-in's faults through its control address, on this machine only. Fails with
 * `faults-not-set` when the address does not take them: a disturbance that did not happen must
 * not pass for a portal that held.
 */
export function openFaultClient(control: string): (faults: PortalFaults) => Promise<void> {
  const { origin } = readTarget(control, '--control')
  return async (faults) => {
    const answer = await post(`${origin}/faults`, JSON.stringify(faults))
    if (answer !== 200 && answer !== 202) {
      throw new Failure({
        code: 'faults-not-set',
        message: `--control: expected an address that takes faults, found ${answer} from ${origin}.`,
        source: 'client',
      })
    }
  }
}

async function post(url: string, body: string): Promise<number | string> {
  try {
    const { statusCode, body: answer } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      headersTimeout: 5_000,
    })
    await answer.dump()
    return statusCode
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
