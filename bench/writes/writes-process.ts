import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bench, BenchOptions, Figure } from '../bench.ts'
import { median } from '../cache/rounds.ts'
import { loadCore, serverCore } from '../cache/server-process.ts'
import { figureText, textTable } from '../text-table.ts'
import { openWriteField, type WriteField } from './field-process.ts'
import { type WriteRow, writeMarks, writeRows } from './marks.ts'
import { atOnce, bodyBytes, logIn, sendEvenly, sendFlatOut } from './senders-process.ts'

/** What a receipt costs, beside a bare BullMQ `add` and a bare sync of the same disk. */
export const writesBench: Bench = {
  rows: writeRows,
  marks: writeMarks,
  async run(options) {
    // This process plays people and portal: it shares the other core with Redis.
    spawnSync('taskset', ['-apc', String(loadCore), String(process.pid)], { stdio: 'ignore' })
    const figures: Figure[] = []
    const lines: string[][] = [['row', 'figure', 'value', 'beside it', '']]
    for (const row of writeRows) {
      if (options.only.length > 0 && !options.only.includes(row)) continue
      options.say(`${row} …`)
      const folder = mkdtempSync(join(tmpdir(), 'ecluse-bench-'))
      const field = await openWriteField(folder)
      try {
        for (const figure of await measures[row](field, { folder, options })) {
          figures.push(figure)
          const peers = Object.entries(figure.peers ?? {})
          lines.push([row, figure.id, figureText(figure.value), '', ''])
          for (const [peer, value] of peers) lines.push(['', '', '', figureText(value), peer])
        }
      } finally {
        await field.end()
        rmSync(folder, { recursive: true, force: true })
      }
    }
    return { lines: textTable(lines), figures }
  },
}

interface Place {
  readonly folder: string
  readonly options: BenchOptions
}

const measures: Readonly<Record<WriteRow, (field: WriteField, place: Place) => Promise<Figure[]>>> =
  {
    queue: (field, place) => measureRoad('queue', field, place),
    local: (field, place) => measureRoad('local', field, place),
    backlog: measureBacklog,
  }

const people = 200

/** Flat out, then at half the rate that was found. */
async function measureRoad(
  road: 'queue' | 'local',
  field: WriteField,
  { folder, options }: Place,
): Promise<Figure[]> {
  const edge = await field.openEdge(road)
  await logIn(edge.port, people)
  const { ours, adding, bare } = await flatOut(edge.port, { road, field, options })
  const syncing = watchSync(folder)
  const pace = { perSecond: ours / 2, seconds: options.isShort ? 6 : 15 }
  const takesMs = await sendEvenly(edge.port, people, pace)
  const syncP99Ms = p99(await syncing.end())
  const ackP99Ms = p99(takesMs)
  const beside = { 'fsync p99, ms': syncP99Ms, 'receipt p99, ms': ackP99Ms }
  const figures: Figure[] = [
    { id: `${road}.perSecond`, value: ours, peers: bare },
    { id: `${road}.overMs`, value: ackP99Ms - 3 * syncP99Ms, peers: beside },
  ]
  if (adding === null) return figures
  const peers = { 'BullMQ add, 1/s': adding }
  return [{ id: 'queue.ratio', value: ours / adding, peers }, ...figures]
}

/** Medians of rounds in turns: each alone on its core, all on the same Redis. */
async function flatOut(
  port: number,
  at: { readonly road: 'queue' | 'local'; readonly field: WriteField; options: BenchOptions },
) {
  const { road, field, options } = at
  const roundMs = options.isShort ? 1_000 : 2_000
  const isBeside = road === 'queue'
  const peer = isBeside ? await startPeer(field.redisSocket) : null
  const bare = isBeside ? await field.openBareServer() : null
  const [ours, added, bares]: [number[], number[], number[]] = [[], [], []]
  // The first round of each is to warm up.
  for (let round = 0; round <= (options.isShort ? 5 : 7); round += 1) {
    if (peer !== null) added.push(await peer.addFor(roundMs))
    if (bare !== null) bares.push(await storedPerSecond(bare.port, roundMs))
    ours.push(await storedPerSecond(port, roundMs))
    // So that all find the same Redis each time.
    await field.redis.flushall()
  }
  peer?.end()
  await bare?.server.end()
  return {
    ours: median(ours.slice(1)),
    adding: peer === null ? null : median(added.slice(1)),
    bare: isBeside ? { 'bare server that adds, 1/s': median(bares.slice(1)) } : {},
  }
}

async function storedPerSecond(port: number, afterMs: number): Promise<number> {
  const { stored, others, seconds } = await sendFlatOut(port, people, { afterMs })
  if (others > stored / 100) throw new Error(`${others} of ${stored + others} were turned away`)
  return stored / seconds
}

async function startPeer(socket: string) {
  const file = fileURLToPath(new URL('./bullmq-add-process.ts', import.meta.url))
  const parameters = ['-c', String(serverCore), process.execPath, file, socket]
  const child = spawn('taskset', [...parameters, String(atOnce), String(bodyBytes)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  return {
    /** Jobs added in a second. */
    addFor: async (ms: number): Promise<number> => {
      child.stdin.write(`${ms}\n`)
      const [line] = (await once(lines, 'line')) as [string]
      return Number(line.replace('added ', '')) / (ms / 1_000)
    },
    end: () => child.stdin.end(),
  }
}

/** Appends the size of a write to a file and syncs it, a hundred times a second. */
function watchSync(folder: string): { end(): Promise<readonly number[]> } {
  const takesMs: number[] = []
  const over = new AbortController()
  const run = async (): Promise<void> => {
    const file = await open(join(folder, 'sync-probe'), 'a')
    const bytes = Buffer.alloc(bodyBytes)
    while (!over.signal.aborted) {
      const startedAtMs = performance.now()
      await file.write(bytes)
      await file.datasync()
      takesMs.push(performance.now() - startedAtMs)
      await delay(10)
    }
    await file.close()
  }
  const running = run()
  return {
    end: async () => {
      over.abort()
      await running
      return takesMs
    },
  }
}

/** Memory with nothing owed and with everything owed, then while it is worked off. */
async function measureBacklog(field: WriteField, { options }: Place): Promise<Figure[]> {
  const writes = options.isShort ? 50_000 : 1_000_000
  const writers = options.isShort ? 2_000 : 20_000
  const edge = await field.openEdge('queue')
  const worker = await field.openWorker(edge)
  await logIn(edge.port, writers)
  // Both warm, by writes that are applied.
  await sendFlatOut(edge.port, writers, { writes: 10_000 })
  await untilOwed(field, 0)
  await field.redis.set('{ecluse}:paused', '1')
  const bytesBefore = await usedMemory(field)
  const before = { edge: edge.server.residentMb(), worker: worker.residentMb() }
  const { stored, others } = await sendFlatOut(edge.port, writers, { writes })
  options.say(`${stored} stored, ${others} turned away`)
  const redisBytes = ((await usedMemory(field)) - bytesBefore) / stored
  const edgeGrowthMb = edge.server.residentMb() - before.edge
  await field.redis.del('{ecluse}:paused')
  let workerGrowthMb = 0
  for (let look = 0; look < 10; look += 1) {
    await delay(1_000)
    workerGrowthMb = Math.max(workerGrowthMb, worker.residentMb() - before.worker)
  }
  const peers = { 'writes owed': stored }
  return [
    { id: 'backlog.redisBytes', value: redisBytes, peers },
    { id: 'backlog.edgeGrowthMb', value: edgeGrowthMb, peers: { 'MB before': before.edge } },
    { id: 'backlog.workerGrowthMb', value: workerGrowthMb, peers: { 'MB before': before.worker } },
  ]
}

async function untilOwed({ redis }: WriteField, count: number): Promise<void> {
  while (Number(await redis.get('{ecluse}:owed')) > count) await delay(50)
}

async function usedMemory({ redis }: WriteField): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN
}
