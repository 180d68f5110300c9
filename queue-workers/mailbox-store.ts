import type { Redis } from 'ioredis'
import type { Clock } from '../core/clock.ts'
import {
  type Backlog,
  backlogScript,
  beginScript,
  dispatchScript,
  keyPrefix,
  readBacklog,
  returnScript,
  settleScript,
} from './mailbox-scripts.ts'
import { runScript } from './script-client.ts'
import { type Settlement, settleParameters } from './settlement.ts'
import type { Taken } from './turn.ts'
import { readWriteJob } from './write-job.ts'

/** A mailbox that may be worked on, by whoever shows the fence. */
export interface Turn {
  readonly mailbox: string
  readonly fence: string
}

/** The mailboxes in Redis as workers see them; each call is one step that happens whole or not. */
export interface Mailboxes {
  /** Gives turns out, fairly between schools, until `limit` of them wait for a worker. */
  dispatch(limit: number): Promise<readonly Turn[]>
  /** Null when the turn has been given to somebody else since. */
  begin(turn: Turn): Promise<Taken | null>
  /** Null when the turn is over, or was lost. */
  settle(turn: Turn, taken: Taken, settlement: Settlement): Promise<Taken | null>
  /** Turns given out to workers and not over. */
  turns(): Promise<readonly Turn[]>
  /** Takes a turn back that nobody will begin. */
  giveBack(turn: Turn): Promise<void>
  backlog(): Promise<Backlog>
}

export function openMailboxes(redis: Redis, clock: Clock): Mailboxes {
  const run = (script: string, ...parameters: (string | number)[]) =>
    runScript(redis, script, parameters)
  return {
    dispatch: async (limit) => {
      const answer = (await run(dispatchScript, limit, clock.wallMs())) as (string | number)[]
      return turnsIn(answer.map(String))
    },
    begin: async ({ mailbox, fence }) =>
      readTaken((await run(beginScript, mailbox, fence)) as TakenAnswer | null),
    settle: async ({ mailbox }, { token, id }, settlement) => {
      const held = { mailbox, token, id }
      const answer = await run(settleScript, ...settleParameters(held, settlement, clock.wallMs()))
      return readTaken(answer as TakenAnswer | null)
    },
    turns: async () => {
      // In this order: a turn that an edge leases after the first look is not in the second.
      const leased = new Set(await redis.zrange(`${keyPrefix}leases`, '0', '-1'))
      const turns = turnsIn(Object.entries(await redis.hgetall(`${keyPrefix}turns`)).flat())
      return turns.filter(({ mailbox }) => !leased.has(mailbox))
    },
    giveBack: async ({ mailbox, fence }) =>
      void (await run(returnScript, mailbox, fence, clock.wallMs())),
    backlog: async () => readBacklog((await run(backlogScript)) as unknown[]),
  }
}

function turnsIn(flat: readonly string[]): Turn[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => ({
    mailbox: flat[2 * at] as string,
    fence: flat[2 * at + 1] as string,
  }))
}

type TakenAnswer = readonly (string | number)[]

function readTaken(answer: TakenAnswer | null): Taken | null {
  if (answer === null || answer.length === 1) return null
  const [token, id, job, payload, attempts, tries, sent, starts] = answer
  return {
    token: String(token),
    id: String(id),
    job: readWriteJob(String(job)),
    payload: String(payload),
    attempts: Number(attempts),
    tries: Number(tries),
    wasSent: sent === '1',
    starts: Number(starts),
  }
}
