import type { OriginPhase } from '../report/evidence.ts'

/** What the stand-in says of itself. */
export interface StandInStats {
  readonly phases: Readonly<Record<string, OriginPhase>>
  readonly inFlight: number
  readonly queued: number
}

/** What the workers say of themselves. */
export interface WorkerStats {
  readonly backlog: number
}

/** Puts the next seconds under the name of a phase. */
export async function enterPhase(controlUrl: string, name: string): Promise<void> {
  await ask(`${controlUrl}/phase`, { method: 'POST', body: JSON.stringify({ name }) })
}

/** Changes what is wrong with the portal; the rest stays as it was. */
export async function setFaults(
  controlUrl: string,
  change: Readonly<Record<string, unknown>>,
): Promise<void> {
  await ask(`${controlUrl}/faults`, { method: 'POST', body: JSON.stringify(change) })
}

export async function standInStats(controlUrl: string): Promise<StandInStats> {
  return (await ask(`${controlUrl}/stats`)) as StandInStats
}

export async function workerStats(url: string): Promise<WorkerStats> {
  return (await ask(`${url}/stats`)) as WorkerStats
}

/** Idempotency keys of the writes that were parked for good. */
export async function deadLetterKeys(url: string, token: string): Promise<readonly string[]> {
  const asked = await ask(`${url}/dead-letters`, { headers: { 'ecluse-internal': token } })
  const letters = asked as readonly { readonly key: string }[]
  return letters.map(({ key }) => key)
}

async function ask(
  url: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...init.headers }
  const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(5_000) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  const text = await response.text()
  return text === '' ? null : JSON.parse(text)
}
