import { setTimeout as delay } from 'node:timers/promises'
import type { RandomStream } from '../../../core/random.ts'
import type { People } from './people.ts'
import type { World } from './world.ts'

/** The moments of a write at which a fault is placed. */
export const points = [
  'received',
  'appended',
  'acknowledged',
  'leased',
  'sent',
  'answered',
] as const
export type Point = (typeof points)[number]

export interface Stage {
  readonly world: World
  readonly people: People
  readonly random: RandomStream
}

/** One kind of harm: what happens at its moment, and how the world is mended afterwards. */
export interface Fault {
  readonly name: string
  readonly points: readonly Point[]
  /** A program without which it cannot be done. */
  readonly needs?: string
  strike(stage: Stage): void | Promise<void>
  mend(stage: Stage): Promise<void>
}

const everywhere = points
const onItsWay: readonly Point[] = ['leased', 'sent', 'answered']
const anyWorker = ({ world, random }: Stage) =>
  world.workers[Math.floor(random.next() * world.workers.length)] as World['workers'][number]

let frozen: World['workers'][number] | undefined

/** A while in which things go wrong, then the mending. */
const after = (ms: number) => delay(ms)

export const faults: readonly Fault[] = [
  {
    name: 'edge killed',
    points: everywhere,
    strike: ({ world }) => world.edge.kill(),
    mend: async ({ world }) => {
      await after(100)
      await world.edge.start()
    },
  },
  {
    name: 'worker killed',
    points: onItsWay,
    strike: async (stage) => anyWorker(stage).kill(),
    mend: async ({ world }) => {
      await after(300)
      for (const worker of world.workers) if (!worker.isRunning()) await worker.start()
    },
  },
  {
    name: 'durable Redis killed',
    points: everywhere,
    strike: ({ world }) => world.durable.part.kill(),
    mend: async ({ world }) => {
      await after(400)
      await world.durable.part.start()
    },
  },
  {
    name: 'worker frozen past its lock',
    points: onItsWay,
    strike: (stage) => {
      frozen = anyWorker(stage)
      frozen.signal('SIGSTOP')
    },
    mend: async () => {
      await after(3_000)
      frozen?.signal('SIGCONT')
    },
  },
  {
    name: 'durable Redis frozen',
    points: ['received', 'appended', 'leased'],
    strike: ({ world }) => world.durable.part.signal('SIGSTOP'),
    mend: async ({ world }) => {
      await after(1_500)
      world.durable.part.signal('SIGCONT')
    },
  },
  {
    name: 'durable Redis full',
    points: ['received', 'sent'],
    strike: async ({ world }) =>
      void (await world.durable.command('CONFIG', 'SET', 'maxmemory', '1')),
    mend: async ({ world }) => {
      await after(700)
      await world.durable.command('CONFIG', 'SET', 'maxmemory', '0')
    },
  },
  {
    name: 'durable Redis read-only',
    points: ['received', 'sent'],
    strike: async ({ world }) => void (await world.durable.command('REPLICAOF', '127.0.0.1', '1')),
    mend: async ({ world }) => {
      await after(700)
      await world.durable.command('REPLICAOF', 'NO', 'ONE')
    },
  },
  {
    name: 'durable Redis’s disk full',
    needs: 'prlimit',
    points: ['received', 'answered'],
    strike: ({ world }) => world.durable.fillDisk(),
    mend: async ({ world }) => {
      await after(500)
      await world.durable.part.kill()
      await world.durable.part.start()
    },
  },
  {
    name: 'power cut under the durable Redis',
    needs: 'strace',
    points: ['received', 'acknowledged'],
    strike: async ({ world, random }) => {
      // Nothing is applied meanwhile, so that what Redis forgets is missed.
      await world.portalFaults({ stalled: true })
      await world.durable.powerCut(500 + random.next() * 900)
    },
    mend: async ({ world }) => {
      await world.portalFaults({ stalled: false })
      await world.durable.part.start()
    },
  },
  {
    name: 'volatile Redis killed',
    points: ['received'],
    strike: ({ world }) => world.volatile.kill(),
    mend: async ({ world }) => {
      await after(200)
      await world.volatile.start()
    },
  },
  {
    name: 'three in ten attempts fail',
    points: ['sent'],
    strike: ({ world }) => world.portalFaults({ errorShare: 0.3 }),
    mend: async ({ world }) => {
      await after(1_500)
      await world.portalFaults({ errorShare: 0 })
    },
  },
  {
    name: 'pod replaced while its spool is full of writes',
    points: ['acknowledged'],
    strike: async ({ world }) => {
      world.durable.part.signal('SIGSTOP')
      await after(1_500)
      await world.edge.kill()
      world.reattachSpool()
    },
    mend: async ({ world }) => {
      world.durable.part.signal('SIGCONT')
      await world.edge.start()
    },
  },
]

/** One fault at one of its moments. */
export interface Placed {
  readonly fault: Fault
  readonly point: Point
}

/**
 * `count` faults: every kind at every moment of its own before any comes again, in seeded order.
 * `only` names the kinds; those whose program `has` does not find are left out.
 */
export function placeFaults(
  count: number,
  random: RandomStream,
  which: { readonly only: readonly string[] | null; has(program: string): boolean },
): Placed[] {
  const { only, has } = which
  const possible = faults.filter(
    ({ name, needs }) =>
      (needs === undefined || has(needs)) && (only === null || only.includes(name)),
  )
  const each = possible.flatMap((fault) => fault.points.map((point) => ({ fault, point })))
  const placed: Placed[] = []
  while (placed.length < count) placed.push(...shuffled(each, random))
  return placed.slice(0, count)
}

function shuffled<T>(items: readonly T[], random: RandomStream): T[] {
  return items
    .map((item) => ({ item, rank: random.next() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}

/** Commands of Redis by which a write is seen to be stored, and to be taken up. */
const redisPatterns = {
  appended: /"hset" "\S*:w:\S+" "fingerprint"/i,
  leased: /"hset" "\S*:holders"/i,
}

/** Waits for the moment, strikes, and resolves when the strike is over. A moment that does not come
 * within some seconds, because nothing is on its way, is taken as come. */
export async function strikeAt({ fault, point }: Placed, stage: Stage): Promise<void> {
  const { world, people } = stage
  const struck = Promise.withResolvers<void>()
  let isOver = false
  const act = (): void => {
    if (isOver) return
    isOver = true
    Promise.resolve(fault.strike(stage)).then(struck.resolve, struck.reject)
  }
  switch (point) {
    case 'received':
    case 'acknowledged':
      people.at(point, act)
      break
    case 'sent':
    case 'answered':
      world.proxy.at(point, act)
      break
    case 'appended':
    case 'leased':
      await world.durable.whenItRuns(redisPatterns[point], act)
  }
  const late = setTimeout(act, 3_000)
  await struck.promise
  clearTimeout(late)
}
