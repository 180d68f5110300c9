import { setFaults } from './stand-in-client.ts'
import { logInTroublemaker, type Troublemaker } from './trouble-client.ts'
import { abuseRate, crowdSize, type Trouble, troubleWindow } from './troubles.ts'

/** The troubles of one arm, made when the peak comes. */
export interface Troubles {
  /** Logs in those who will make trouble, while there is none yet. */
  prepare(): Promise<void>
  enter(phase: string, lengthMs: number): void
  stop(): void
}

export interface TroubleFacts {
  readonly names: readonly Trouble[]
  /** Where people go: the edge, or the portal itself. */
  readonly target: string
  readonly controlUrl: string
  readonly databaseSlots: number
  /** Kills the durable Redis and starts it again after so many ms; null in an arm without one. */
  readonly crashRedis: ((downMs: number) => Promise<void>) | null
}

/** Ten people of a school that nobody else of the run belongs to: nothing of theirs is stored. */
const crowdAccounts = 10
const crowdSchool = 's9999'

/** Makes the troubles that were asked for, in the windows `troubles.ts` gives them. */
export function buildTroubles(facts: TroubleFacts): Troubles {
  const timers = new Set<NodeJS.Timeout>()
  const people: Troublemaker[] = []
  const every = (ms: number, act: () => void): (() => void) => {
    const timer = setInterval(act, ms)
    timers.add(timer)
    return () => clearInterval(timer)
  }
  const after = (ms: number, act: () => void): void => void timers.add(setTimeout(act, ms))
  const make = makers({ ...facts, people, every })

  return {
    async prepare() {
      const known = facts.names.flatMap((name) => identitiesOf(name))
      for (const identity of known) {
        const one = await logInTroublemaker(facts.target, identity)
        if (one !== undefined) people.push(one)
      }
    },
    enter(phase, lengthMs) {
      if (phase !== 'peak') return
      for (const name of facts.names) {
        const [from, to] = troubleWindow[name]
        after(from * lengthMs, () => {
          const end = make[name]((to - from) * lengthMs)
          after((to - from) * lengthMs, end)
        })
      }
    },
    stop() {
      for (const timer of timers) clearTimeout(timer)
      for (const one of people) one.leave()
    },
  }
}

function identitiesOf(name: Trouble) {
  if (name === 'abuser') {
    return [{ account: 'u90000001', school: crowdSchool, address: '127.0.9.1' }]
  }
  if (name !== 'crowd') return []
  return Array.from({ length: crowdAccounts }, (_, index) => ({
    account: `u9000010${index}`,
    school: crowdSchool,
    address: `127.0.9.${10 + index}`,
  }))
}

/** How each trouble begins; what it gives ends it. */
function makers(
  facts: TroubleFacts & {
    readonly people: readonly Troublemaker[]
    readonly every: (ms: number, act: () => void) => () => void
  },
): Readonly<Record<Trouble, (lengthMs: number) => () => void>> {
  const { databaseSlots, controlUrl, crashRedis, people, every } = facts
  const fault = (
    set: Readonly<Record<string, unknown>>,
    undone: Readonly<Record<string, unknown>>,
  ) => {
    void setFaults(controlUrl, set).catch(() => undefined)
    return () => void setFaults(controlUrl, undone).catch(() => undefined)
  }
  const nothing = (): void => undefined
  return {
    abuser() {
      const perTick = abuseRate(databaseSlots) / 20
      let owed = 0
      return every(50, () => {
        for (owed += perTick; owed >= 1; owed -= 1) people[0]?.ask('/api/me/homework')
      })
    },
    crowd() {
      const size = crowdSize(databaseSlots)
      const crowd = people.slice(-crowdAccounts)
      let item = 0
      return every(1_000, () => {
        item += 1
        for (let index = 0; index < size; index += 1) {
          crowd[index % crowd.length]?.ask(`/api/schools/${crowdSchool}/news/${item}`)
        }
      })
    },
    'lost-answers': () => fault({ lostAnswerShare: 0.2 }, { lostAnswerShare: 0 }),
    'read-only': () => fault({ readOnly: true }, { readOnly: false }),
    'redis-crash'(lengthMs) {
      void crashRedis?.(lengthMs).catch(() => undefined)
      return nothing
    },
  }
}
