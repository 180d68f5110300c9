import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import {
  type SpooledRow,
  type SpooledWrite,
  type SpoolResult,
  SpoolStore,
  type SpoolTotals,
} from './spool-store.ts'

/** What the thread is asked; `n` comes back with the answer. */
export type SpoolRequest = { readonly n: number } & (
  | { readonly kind: 'append'; readonly write: SpooledWrite }
  | { readonly kind: 'head'; readonly limit: number }
  | { readonly kind: 'find'; readonly id: string }
  | { readonly kind: 'remove'; readonly seqs: readonly number[] }
  | { readonly kind: 'adopt' }
  | { readonly kind: 'close' }
)

export type SpoolValue = SpoolResult | SpooledRow | readonly SpooledRow[] | null

export interface SpoolAnswer {
  readonly n: number
  readonly value: SpoolValue
  /** Why it could not be done; the disk's own words. */
  readonly error: string | null
}

/** The first message says what lies in the spool; each later one answers a batch of requests. */
export type SpoolMessage =
  | { readonly kind: 'opened'; readonly totals: SpoolTotals; readonly held: readonly Held[] }
  | {
      readonly kind: 'answers'
      readonly totals: SpoolTotals
      readonly answers: readonly SpoolAnswer[]
    }

export interface Held {
  readonly mailbox: string
  readonly writes: number
}

export interface SpoolThreadFacts {
  readonly folder: string
  readonly maxBytes: number
}

/** Requests taken together. What arrives while the disk is busy goes into the next commit. */
const batchMax = 256

if (parentPort !== null) run(parentPort, workerData as SpoolThreadFacts)

function run(port: NonNullable<typeof parentPort>, { folder, maxBytes }: SpoolThreadFacts): void {
  const store = new SpoolStore(folder, maxBytes)
  store.adopt()
  const post = (message: SpoolMessage): void => port.postMessage(message, [])
  port.on('message', (first: SpoolRequest) => {
    const batch = [first]
    while (batch.length < batchMax) {
      const next = receiveMessageOnPort(port)
      if (next === undefined) break
      batch.push(next.message as SpoolRequest)
    }
    const answers = answerBatch(store, batch)
    const isClosing = batch.some(({ kind }) => kind === 'close')
    post({ kind: 'answers', answers, totals: isClosing ? nothing : store.totals() })
    if (!isClosing) return
    store.close()
    port.close()
  })
  post({ kind: 'opened', totals: store.totals(), held: store.mailboxes() })
}

const nothing: SpoolTotals = { writes: 0, bytes: 0, oldestAtMs: null }

/** All appends of a batch share one commit, that is one wait for the disk. */
function answerBatch(store: SpoolStore, batch: readonly SpoolRequest[]): SpoolAnswer[] {
  const appends = batch.filter((request) => request.kind === 'append')
  const others = batch.filter((request) => request.kind !== 'append')
  return [
    ...attempt(appends, () => store.append(appends.map(({ write }) => write))),
    ...others.flatMap((request) => attempt([request], () => [answerOne(store, request)])),
  ]
}

function answerOne(
  store: SpoolStore,
  request: Exclude<SpoolRequest, { kind: 'append' }>,
): SpoolValue {
  switch (request.kind) {
    case 'head':
      return store.head(request.limit)
    case 'find':
      return store.find(request.id)
    case 'remove':
      store.remove(request.seqs)
      return null
    case 'adopt':
      return store.adopt()
    case 'close':
      return null
  }
}

function attempt(
  requests: readonly SpoolRequest[],
  work: () => readonly SpoolValue[],
): SpoolAnswer[] {
  if (requests.length === 0) return []
  let values: readonly SpoolValue[] = []
  let error: string | null = null
  try {
    values = work()
  } catch (thrown) {
    error = (thrown as Error).message
  }
  return requests.map(({ n }, at) => ({ n, value: values[at] ?? null, error }))
}
