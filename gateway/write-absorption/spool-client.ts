import { Worker } from 'node:worker_threads'
import { Failure } from '../../core/failure.ts'
import type { SpooledRow, SpooledWrite, SpoolResult, SpoolTotals } from './spool-store.ts'
import type {
  Held,
  SpoolAnswer,
  SpoolMessage,
  SpoolRequest,
  SpoolThreadFacts,
} from './spool-thread-process.ts'

/**
 * Promised writes on this machine's own disk, for as long as the queue cannot take them. Bounded;
 * its file outlives the process and is taken over by the next one on the same folder.
 */
export interface Spool {
  /** Resolves when the write is on disk. Rejects when the disk refuses or the thread has ended. */
  append(write: SpooledWrite): Promise<SpoolResult>
  find(id: string): Promise<SpooledRow | null>
  /** The oldest writes, in order. */
  head(limit: number): Promise<readonly SpooledRow[]>
  /** Forgets writes that the queue has confirmed. */
  remove(rows: readonly SpooledRow[]): Promise<void>
  /** Takes over what ended processes left in the folder. */
  adopt(): Promise<void>
  /** Whether writes of this mailbox lie here or are being stored: later ones must follow them. */
  holds(mailbox: string): boolean
  totals(): SpoolTotals
  close(): Promise<void>
}

/** Opens the spool in `folder` on a thread of its own, so that no request waits for its disk. */
export async function openSpool(facts: SpoolThreadFacts): Promise<Spool> {
  const { ask, opened, totals, close } = startThread(facts)
  const held = new Map<string, number>()
  for (const { mailbox, writes } of await opened) hold(held, mailbox, writes)
  return {
    append: (write) => appendHolding(write, { held, ask }),
    find: (id) => ask({ kind: 'find', id }),
    head: (limit) => ask({ kind: 'head', limit }),
    remove: async (rows) => {
      await ask({ kind: 'remove', seqs: rows.map(({ seq }) => seq) })
      for (const { mailbox } of rows) hold(held, mailbox, -1)
    },
    adopt: async () => {
      const rows = await ask<readonly SpooledRow[]>({ kind: 'adopt' })
      for (const { mailbox } of rows) hold(held, mailbox, 1)
    },
    holds: (mailbox) => held.has(mailbox),
    totals,
    close,
  }
}

/** Starts the thread and keeps the conversation with it: each question gets its own answer. */
function startThread(facts: SpoolThreadFacts) {
  const thread = new Worker(new URL('./spool-thread-process.ts', import.meta.url), {
    workerData: facts,
    // Not the loaders of whoever runs us.
    execArgv: [],
    env: {},
  })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const opened = Promise.withResolvers<readonly Held[]>()
  let totals: SpoolTotals = { writes: 0, bytes: 0, oldestAtMs: null }
  let ended: Failure | null = null
  let asked = 0
  const end = (error: unknown): void => {
    ended ??= broken((error as Error | undefined)?.message ?? 'its thread has ended')
    opened.reject(ended)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  thread.on('error', end)
  thread.on('exit', () => end(undefined))
  thread.on('message', (message: SpoolMessage) => {
    ;({ totals } = message)
    if (message.kind === 'opened') return opened.resolve(message.held)
    for (const answer of message.answers) {
      settle(waiting.get(answer.n), answer)
      waiting.delete(answer.n)
    }
  })
  const ask = <T>(request: Request): Promise<T> => {
    if (ended !== null) return Promise.reject(ended)
    const answer = Promise.withResolvers<unknown>()
    asked += 1
    waiting.set(asked, answer)
    thread.postMessage({ ...request, n: asked }, [])
    return answer.promise as Promise<T>
  }
  const close = async (): Promise<void> => {
    if (ended === null) await ask({ kind: 'close' })
    await thread.terminate()
  }
  return { ask, opened: opened.promise, totals: () => totals, close }
}

function settle(
  question: PromiseWithResolvers<unknown> | undefined,
  { value, error }: SpoolAnswer,
): void {
  if (error === null) question?.resolve(value)
  else question?.reject(broken(error))
}

type Request = SpoolRequest extends infer R
  ? R extends { readonly n: number }
    ? Omit<R, 'n'>
    : never
  : never

/** Held from the moment it is asked: what this person sends meanwhile must not overtake. */
async function appendHolding(
  write: SpooledWrite,
  to: { readonly held: Map<string, number>; ask<T>(request: Request): Promise<T> },
): Promise<SpoolResult> {
  hold(to.held, write.mailbox, 1)
  let isNew = false
  try {
    const result = await to.ask<SpoolResult>({ kind: 'append', write })
    isNew = result.kind === 'stored' && result.isNew
    return result
  } finally {
    if (!isNew) hold(to.held, write.mailbox, -1)
  }
}

function hold(held: Map<string, number>, mailbox: string, change: number): void {
  const writes = (held.get(mailbox) ?? 0) + change
  if (writes > 0) held.set(mailbox, writes)
  else held.delete(mailbox)
}

function broken(what: string): Failure {
  const message = `spool.folder: expected a folder that takes writes; ${what}.`
  return new Failure({ code: 'spool-unavailable', message, source: 'gateway', retryable: true })
}
