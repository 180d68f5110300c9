import { figureText } from '../text-table.ts'
import { engine } from './clients-process.ts'
import { stallEveryMs, trueQuantileMs } from './known-times.ts'
import type { Measured, Tools } from './measured.ts'
import { knownServer } from './servers-process.ts'

/**
 * One fewer than a whole number for each stall, so that every stall is met at other moments; so few
 * that the server needs no time worth mentioning for those it held.
 */
const arrivalsIn = (stalls: number): number => 972 * stalls - 1
/** Enough for every request of a stall to be under way at once. */
const connections = 300
const quantiles = [
  { id: 'p50', ratio: 0.5 },
  { id: 'p99', ratio: 0.99 },
  { id: 'p999', ratio: 0.999 },
] as const

/** Everybody measures a server whose times are known; how far from them is what they say? */
export async function measureAccuracy({ options, pacedClients }: Tools): Promise<Measured> {
  const { target, server } = await knownServer()
  try {
    const stalls = options.isShort ? 2 : 6
    const arrivals = arrivalsIn(stalls)
    const seconds = (stalls * stallEveryMs) / 1000
    const ours = await engine({
      target,
      sessions: arrivals,
      arriveMs: seconds * 1000,
      logsIn: false,
      pagesEach: 1,
      dataCalls: 0,
      thinkMs: 0,
      endMs: seconds * 1000,
      drainMs: 5_000,
    })
    const saidBy: [string, readonly (number | null)[]][] = [
      ['true', quantiles.map(({ ratio }) => trueQuantileMs(ratio))],
      ['ecluse', [ours.p50Ms, ours.p99Ms, ours.p999Ms]],
    ]
    for (const [name, client] of Object.entries(pacedClients)) {
      options.say(`accuracy: ${name}, ${seconds} s`)
      const { p50Ms, p99Ms, p999Ms } = await client({
        target,
        seconds,
        connections,
        arrivals,
      })
      saidBy.push([name, [p50Ms, p99Ms, p999Ms]])
    }
    const offOf = (said: readonly (number | null)[], at: number): number => {
      const truth = trueQuantileMs(quantiles[at]?.ratio ?? Number.NaN)
      return Math.abs((said[at] ?? Number.NaN) - truth) / truth
    }
    const peers = saidBy.slice(2)
    return {
      table: [
        ['a known server', 'ms', 'p50', 'p99', 'p99.9'],
        ...saidBy.map(([name, said]) => [name, '', ...said.map(figureText)]),
      ],
      figures: quantiles.map(({ id }, at) => ({
        id: `accuracy.${id}Off`,
        value: ours.failed > 0 ? null : offOf(saidBy[1]?.[1] ?? [], at),
        peers: Object.fromEntries(peers.map(([name, said]) => [name, offOf(said, at)])),
      })),
    }
  } finally {
    await server.end()
  }
}
