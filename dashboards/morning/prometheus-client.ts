import { Failure } from '../../core/failure.ts'
import { type Figure, type MorningFigures, questions } from './questions.ts'

/** Asks a Prometheus every question over the morning. Fails with `prometheus-unreachable`. */
export async function askMorning(facts: {
  readonly url: string
  readonly fromMs: number
  readonly toMs: number
}): Promise<MorningFigures> {
  const { url, fromMs, toMs } = facts
  const range = `${Math.round((toMs - fromMs) / 1_000)}s`
  const answers = await Promise.all(
    Object.entries(questions).map(async ([figure, question]) => {
      const value = await ask(url, question(range), toMs / 1_000)
      return [figure as Figure, value] as const
    }),
  )
  return Object.fromEntries(answers) as Record<Figure, number | null>
}

async function ask(url: string, expr: string, atSeconds: number): Promise<number | null> {
  const address = new URL('/api/v1/query', url)
  address.search = new URLSearchParams({ query: expr, time: String(atSeconds) }).toString()
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(30_000) })
    const said = (await response.json()) as {
      status: string
      error?: string
      data?: { result: { value: [number, string] }[] }
    }
    if (said.status !== 'success') throw new Error(said.error)
    const value = Number(said.data?.result[0]?.value[1] ?? Number.NaN)
    return Number.isFinite(value) ? value : null
  } catch (cause) {
    const message = `--prometheus: ${url} does not answer a query: ${(cause as Error).message}`
    throw new Failure({ code: 'prometheus-unreachable', message, source: 'gateway', cause })
  }
}
