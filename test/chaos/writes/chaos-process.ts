import { createReadStream, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../../core/clock.ts'
import { randomStream } from '../../../core/random.ts'
import { openDeadLetters } from '../../../queue-workers/dead-letter-queue.ts'
import { readPayloadKeys } from '../../../queue-workers/payload-key-store.ts'
import { type Audit, auditWrites, type LedgerLine } from './audit.ts'
import { faults, placeFaults, points, strikeAt } from './faults.ts'
import type { MutantName } from './mutants.ts'
import { type People, startPeople } from './people.ts'
import { plainRedis, startWorld, type World } from './world.ts'

export interface ChaosFacts {
  readonly outcome: 'dedupes' | 'neither'
  readonly appendfsync: 'always' | 'everysec'
  readonly mutant: MutantName | null
  readonly writes: number
  readonly faults: number
  /** Names of the kinds of faults; null for all. */
  readonly only: readonly string[] | null
  readonly people: number
  readonly seed: number
  say(line: string): void
}

export interface ChaosResult {
  readonly audit: Audit
  /** Faults by name and by the moment at which they were placed. */
  readonly faults: ReadonlyMap<string, number>
  readonly levels: ReadonlyMap<string, number>
  readonly others: ReadonlyMap<number, number>
  readonly deadLetterReasons: ReadonlyMap<string, number>
  /** False when something was still waiting when patience ended; then nothing can be judged. */
  readonly isDrained: boolean
  readonly seconds: number
}

/** People write, things break one after the other, everything is mended and drained, then counted. */
export async function runChaos(facts: ChaosFacts): Promise<ChaosResult> {
  const startedAtMs = systemClock.monotonicMs()
  const random = randomStream(facts.seed, facts.outcome)
  const world = await startWorld(facts)
  try {
    const { url } = world
    const people = await startPeople({ url, count: facts.people, random })
    const struck = new Map<string, number>()
    const placed = placeFaults(facts.faults, random, { only: facts.only, has: isOnPath })
    for (const { name, needs } of faults) {
      if (needs !== undefined && !isOnPath(needs)) facts.say(`left out, no ${needs}: ${name}`)
    }
    for (const [at, one] of placed.entries()) {
      const due = Math.floor((facts.writes * at) / placed.length)
      await untilAcknowledged(people, due)
      const name = `${one.fault.name} @ ${one.point}`
      facts.say(`${people.acknowledgedCount()} acknowledged; ${at + 1}/${placed.length}: ${name}`)
      await strikeAt(one, { world, people, random })
      await one.fault.mend({ world, people, random })
      struck.set(name, (struck.get(name) ?? 0) + 1)
    }
    await untilAcknowledged(people, facts.writes)
    await people.stop()
    facts.say(`${people.acknowledgedCount()} acknowledged; waiting for the rest to be applied`)
    const isDrained = await drained(world, facts.say)
    const letters = await deadLetters(world)
    const audit = auditWrites(people, {
      ledger: await ledgerLines(world.ledgerFile),
      deadLetterKeys: letters.map(({ key }) => key ?? ''),
    })
    const seconds = (systemClock.monotonicMs() - startedAtMs) / 1_000
    const reasons = Map.groupBy(letters, ({ reason }) => reason)
    return {
      audit,
      faults: struck,
      levels: people.levels,
      others: people.others,
      deadLetterReasons: new Map([...reasons].map(([reason, all]) => [reason, all.length])),
      isDrained,
      seconds,
    }
  } finally {
    await world.end()
  }
}

/** The moments at which faults were placed, each with how many. */
export function byPoint(faults: ReadonlyMap<string, number>): string {
  return points
    .map((point) => {
      const here = [...faults].filter(([name]) => name.endsWith(`@ ${point}`))
      return `${point} ${here.reduce((sum, [, count]) => sum + count, 0)}`
    })
    .join(', ')
}

function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, program)))
}

async function untilAcknowledged(people: People, count: number): Promise<void> {
  while (people.acknowledgedCount() < count) await delay(5)
}

const patienceMs = 180_000

/** Waits until neither spool nor queue holds anything; false when that takes too long. */
async function drained({ operationsUrl }: World, say: (line: string) => void): Promise<boolean> {
  const untilMs = systemClock.monotonicMs() + patienceMs
  for (let quiet = 0, looks = 0; quiet < 3; looks += 1) {
    if (systemClock.monotonicMs() > untilMs) return false
    await delay(700)
    const text = await (await fetch(`${operationsUrl}/metrics`)).text()
    const owed = ['ecluse_spool_writes', 'ecluse_backlog_writes'].map((name) =>
      Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 1),
    )
    quiet = owed.every((count) => count === 0) ? quiet + 1 : 0
    if (looks % 10 === 0) say(`${owed[0]} in the spool, ${owed[1]} in the queue`)
  }
  return true
}

async function deadLetters({ durable, keysFolder }: World) {
  const client = plainRedis(durable.socket)
  await client.connect()
  const keys = readPayloadKeys(keysFolder)
  const letters = openDeadLetters(client, { clock: systemClock, open: keys.open })
  const all = await letters.list(1_000_000)
  client.disconnect()
  return all
}

async function ledgerLines(file: string): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = []
  if (!existsSync(file)) return lines
  for await (const line of createInterface({ input: createReadStream(file) })) {
    lines.push({ key: (JSON.parse(line) as LedgerLine).key })
  }
  return lines
}
