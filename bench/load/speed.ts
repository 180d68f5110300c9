import { median, spreadRatio } from '../cache/rounds.ts'
import { figureText } from '../text-table.ts'
import { engine } from './clients-process.ts'
import type { EngineFigures, EngineJob } from './engine-job.ts'
import type { Measured, Tools } from './measured.ts'
import { fastServer } from './servers-process.ts'

const people = 100
/** A page of the portal in a browser that holds its files already: document and nine calls. */
const dataCalls = 9
const requestsPerPage = 1 + dataCalls
/** A peer whose own rounds differ by more than this was disturbed: no measurement. */
const spreadMaxRatio = 0.2

/** As fast as each goes on one core: people without think time, others as closed loops. */
export async function measureSpeed(tools: Tools): Promise<Measured> {
  const { options, clients, folder } = tools
  const { target, server } = await fastServer(folder)
  const seconds = options.isShort ? 2 : 4
  const ours: EngineFigures[] = []
  const peers = Object.keys(clients).map((name) => ({ name, rates: [] as number[] }))
  try {
    for (let round = 0; round < (options.isShort ? 3 : 5); round += 1) {
      options.say(`speed: round ${round + 1}`)
      ours.push(await engine(closedJob(target, seconds * 1000)))
      for (const { name, rates } of peers) {
        const client = clients[name]
        const asked = { target, seconds, connections: people }
        if (client !== undefined) rates.push((await client(asked)).requestsPerSecond)
      }
    }
  } finally {
    await server.end()
  }
  const rates = ours.map(({ requests }) => requests / seconds)
  const pages = median(ours.map((round) => round.pages / seconds))
  const k6 = peers.find(({ name }) => name === 'k6')?.rates ?? []
  const isMeasured =
    ours.every(({ failed }) => failed === 0) && spreadRatio(rates) <= spreadMaxRatio
  const isK6Measured = isMeasured && k6.length > 0 && spreadRatio(k6) <= spreadMaxRatio
  const all = [{ name: 'ecluse', rates }, ...peers]
  return {
    table: [
      ['as fast as it goes', '', 'req/s', 'spread'],
      ...all.map((of) => [
        of.name,
        '',
        figureText(median(of.rates)),
        figureText(spreadRatio(of.rates)),
      ]),
    ],
    figures: [
      {
        id: 'speed.requests',
        value: isMeasured ? median(rates) : null,
        peers: Object.fromEntries(peers.map((of) => [of.name, median(of.rates)])),
      },
      { id: 'speed.pages', value: isMeasured ? pages : null },
      { id: 'speed.overK6', value: isK6Measured ? median(rates) / median(k6) : null },
      {
        id: 'speed.coreUsPerPage',
        value: median(ours.map((round) => round.coreUs / Math.max(1, round.pages))),
      },
    ],
  }
}

/** At 80 % of the most, people with think times: does the event loop keep time? */
export async function measurePaced({ options, folder }: Tools): Promise<Measured> {
  const { target, server } = await fastServer(folder)
  try {
    const fastest = await engine(closedJob(target, 3_000))
    const pagesPerSecond = (0.8 * fastest.pages) / 3
    const seconds = options.isShort ? 9 : 20
    options.say(`paced: ${figureText(pagesPerSecond)} pages a second`)
    const found = await engine({
      ...closedJob(target, seconds * 1000),
      // Everybody opens a page each second.
      sessions: Math.round(pagesPerSecond),
      arriveMs: 3_000,
      thinkMs: 1_000,
      pagesEach: seconds,
    })
    const rate = found.requests / seconds
    return {
      table: [
        ['at 80 % of the most', '', 'req/s', 'delay p99 ms', 'MB'],
        [
          'ecluse',
          '',
          figureText(rate),
          figureText(found.delayP99Ms),
          figureText(found.residentMb),
        ],
      ],
      figures: [
        {
          id: 'paced.delayP99Ms',
          value: found.failed > 0 ? null : found.delayP99Ms,
          peers: { 'req/s': rate, 'req/s at most': fastest.requests / 3 },
        },
      ],
    }
  } finally {
    await server.end()
  }
}

/** Fifty thousand people who logged in, read one page and keep it open. */
export async function measureIdle({ options, folder }: Tools): Promise<Measured> {
  const { target, server } = await fastServer(folder)
  const sessions = 50_000
  const arriveMs = 10_000
  try {
    options.say(`idle: ${sessions} people come in ${arriveMs / 1000} s`)
    const found = await engine({
      target,
      sessions,
      arriveMs,
      logsIn: true,
      pagesEach: 2,
      dataCalls: 1,
      // The first comes back after the last has come; the engine forgets who would not come back.
      thinkMs: arriveMs + 4_000,
      endMs: 2 * arriveMs + 5_000,
      drainMs: 100,
    })
    const isWhole = found.failed === 0 && found.sessionsAtOnce === sessions
    return {
      table: [
        ['with a page open', '', 'sessions', 'MB'],
        ['ecluse', '', figureText(found.sessionsAtOnce), figureText(found.residentMb)],
      ],
      figures: [{ id: 'idle.residentMb', value: isWhole ? found.residentMb : null }],
    }
  } finally {
    await server.end()
  }
}

/** People who open one page after another without a pause. */
function closedJob(target: string, endMs: number): EngineJob {
  const pagesEach = Math.ceil((endMs * 100) / people / requestsPerPage)
  return {
    target,
    sessions: people,
    arriveMs: 100,
    logsIn: true,
    pagesEach,
    dataCalls,
    thinkMs: 0,
    endMs,
    drainMs: 200,
  }
}
