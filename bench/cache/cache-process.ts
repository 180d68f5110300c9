import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomStream } from '../../core/random.ts'
import type { Bench, BenchOptions, Figure } from '../bench.ts'
import { figureText, textTable } from '../text-table.ts'
import { type Contender, type Field, openField } from './contenders-process.ts'
import { fetchAll, sendPaced } from './keepalive-client.ts'
import { type CacheRow, cacheMarks, cacheRows } from './marks.ts'
import { installPeers } from './peers-process.ts'
import { median, medianRound, type Round, spreadRatio } from './rounds.ts'
import { pinToLoadCore } from './server-process.ts'
import { storm } from './storm-process.ts'
import { type Ask, everyAsk, onePageAsks, requestText, zipfAsks } from './traffic.ts'
import { wrkFile, wrkRound } from './wrk-client.ts'

/** The edge beside nginx: one server at a time on one core, the load on the other. */
export const cacheBench: Bench = {
  rows: cacheRows,
  marks: cacheMarks,
  async run(options) {
    installPeers(options.say)
    pinToLoadCore()
    const folder = mkdtempSync(join(tmpdir(), 'ecluse-bench-'))
    const isWanted = (row: CacheRow): boolean =>
      options.only.length === 0 || options.only.includes(row)
    try {
      const found: Measured[] = []
      const field = await openField(folder)
      try {
        for (const row of closedRows) {
          if (isWanted(row.name)) found.push(await measureRow({ row, field, folder, options }))
        }
        if (isWanted('paced')) found.push(await measurePaced(field, options))
      } finally {
        await field.end()
      }
      if (isWanted('storm')) found.push(await measureStorm(folder, options))
      return {
        lines: textTable([header, ...found.flatMap(({ lines }) => lines)]),
        figures: found.flatMap(({ figures }) => figures),
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const header = ['work', 'server', 'req/s', 'of nginx', 'p50 ms', 'p99 ms', 'MB', 'us of core']

interface Measured {
  readonly lines: readonly (readonly string[])[]
  readonly figures: readonly Figure[]
}

interface ClosedRow {
  readonly name: CacheRow
  readonly what: string
  asks(): readonly Ask[]
  /** What is stored before the first round. */
  readonly stored: 'public/2k' | 'public/20k' | null
  readonly withLock?: true
}

const drawn = 20_000
const closedRows: readonly ClosedRow[] = [
  {
    name: 'hit2k',
    what: 'public hit, 2 kB',
    stored: 'public/2k',
    asks: () =>
      zipfAsks(randomStream('hit2k'), { kind: 'public/2k', count: drawn, privateRatio: 0 }),
  },
  {
    name: 'hit20k',
    what: 'public hit, 20 kB',
    stored: 'public/20k',
    asks: () =>
      zipfAsks(randomStream('hit20k'), { kind: 'public/20k', count: drawn, privateRatio: 0 }),
  },
  {
    name: 'mixed',
    what: '95 % hits, 5 % private',
    stored: 'public/2k',
    asks: () =>
      zipfAsks(randomStream('mixed'), { kind: 'public/2k', count: drawn, privateRatio: 0.05 }),
  },
  {
    name: 'private',
    what: 'private page, 2 kB',
    stored: null,
    asks: onePageAsks,
    withLock: true,
  },
]

/** A peer whose own rounds differ by more than this was disturbed: the row is no measurement. */
const spreadMaxRatio = 0.2

async function measureRow(facts: {
  readonly row: ClosedRow
  readonly field: Field
  readonly folder: string
  readonly options: BenchOptions
}): Promise<Measured> {
  const { row, field, folder, options } = facts
  const { edge, nginx, lockedNginx } = field
  const contenders = [nginx, edge, ...(row.withLock ? [lockedNginx] : [])]
  const file = wrkFile(folder, row.name, row.asks())
  if (row.stored !== null) {
    const requests = everyAsk(row.stored).map(requestText)
    for (const { port } of contenders) await fetchAll(port, requests)
  }
  const seconds = options.isShort ? { warm: 1, measured: 1 } : { warm: 1, measured: 2 }
  const rounds = await inTurns(contenders, options, async (contender) => {
    await wrkRound(contender, file, seconds.warm)
    return wrkRound(contender, file, seconds.measured)
  })
  options.say(`${row.name}: ${rounds.map((of) => of.map(rateText).join(' ')).join(' | ')}`)
  const [ofNginx = [], ofEdge = [], ofLocked = []] = rounds
  const isDisturbed = spreadRatio(ofNginx.map((round) => round.requestsPerSecond)) > spreadMaxRatio
  const rate = (of: readonly Round[]): number => medianRound(of).requestsPerSecond
  const ratio = rate(ofEdge) / rate(ofNginx)
  const figures: Figure[] = [
    {
      id: `${row.name}.ratio`,
      value: isDisturbed ? null : ratio,
      peers: { 'nginx req/s': rate(ofNginx), 'edge req/s': rate(ofEdge) },
    },
  ]
  if (row.withLock) {
    const overLocked = rate(ofEdge) / rate(ofLocked)
    figures.push({ id: `${row.name}.overLocked`, value: isDisturbed ? null : overLocked })
  }
  const lines = contenders.map(({ name }, at) =>
    rowOf([row.what, name], medianRound(rounds[at] ?? []), rate(ofNginx)),
  )
  return { lines, figures }
}

/** Measures the contenders one after the other, again and again; whoever does not run stands still. */
async function inTurns<R>(
  contenders: readonly Contender[],
  { isShort }: BenchOptions,
  measure: (contender: Contender) => Promise<R>,
): Promise<R[][]> {
  const rounds: R[][] = contenders.map(() => [])
  for (let round = 0; round < (isShort ? 3 : 5); round += 1) {
    for (const [at, contender] of contenders.entries()) {
      const others = contenders.filter(({ server }) => server !== contender.server)
      for (const { server } of others) server.pause()
      contender.server.resume()
      rounds[at]?.push(await measure(contender))
    }
  }
  for (const { server } of contenders) server.resume()
  return rounds
}

/** The same number of hits each second for both, below what either can do: what a hit costs. */
async function measurePaced(field: Field, options: BenchOptions): Promise<Measured> {
  const contenders = [field.nginx, field.edge]
  const requests = everyAsk('public/2k').map(requestText)
  for (const { port } of contenders) await fetchAll(port, requests)
  const asks = zipfAsks(randomStream('paced'), { kind: 'public/2k', count: drawn, privateRatio: 0 })
  const drawnRequests = asks.map(requestText)
  const perSecond = 8_000
  const rounds = await inTurns(contenders, options, async ({ port, server }) => {
    await sendPaced(port, drawnRequests, { perSecond, seconds: 1 })
    const beforeNs = server.coreNs()
    const { due, answered } = await sendPaced(port, drawnRequests, { perSecond, seconds: 2 })
    const coreUs = (server.coreNs() - beforeNs) / 1000 / answered
    return { coreUs: answered < 0.99 * due ? Number.NaN : coreUs, residentMb: server.residentMb() }
  })
  options.say(
    `paced: ${rounds.map((of) => of.map((r) => figureText(r.coreUs)).join(' ')).join(' | ')}`,
  )
  const coreUs = rounds.map((of) => median(of.map((round) => round.coreUs)))
  const [nginx = Number.NaN, edge = Number.NaN] = coreUs
  const isMeasured = coreUs.every((value) => !Number.isNaN(value))
  const residentMb = rounds.map((of) => median(of.map((round) => round.residentMb)))
  return {
    lines: contenders.map(({ name }, at) => [
      `${perSecond} hits a second, 2 kB`,
      name,
      figureText(perSecond),
      '',
      '',
      '',
      figureText(residentMb[at] ?? null),
      figureText(coreUs[at] ?? null),
    ]),
    figures: [{ id: 'paced.coreUs', value: isMeasured ? edge : null, peers: { nginx } }],
  }
}

async function measureStorm(folder: string, options: BenchOptions): Promise<Measured> {
  const storms = []
  for (let round = 0; round < (options.isShort ? 1 : 5); round += 1)
    storms.push(await storm(folder))
  const originRequests = Math.max(...storms.map((one) => one.originRequests))
  const lateMs = median(storms.map((one) => one.lateMs))
  options.say(
    `storm: ${storms.map((one) => `${one.originRequests}/${figureText(one.lateMs)} ms`).join(' ')}`,
  )
  return {
    lines: [],
    figures: [
      { id: 'storm.originRequests', value: originRequests },
      { id: 'storm.lateMs', value: lateMs },
    ],
  }
}

function rowOf(names: readonly string[], round: Round, nginxRate: number): string[] {
  const ratio = round.requestsPerSecond / nginxRate
  const figures = [
    round.requestsPerSecond,
    ratio,
    round.p50Ms,
    round.p99Ms,
    round.residentMb,
    round.coreUs,
  ]
  return [...names, ...figures.map(figureText)]
}

function rateText(round: Round): string {
  return figureText(round.requestsPerSecond)
}
