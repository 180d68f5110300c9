/**
 * A write the edge has promised to apply, as it lies in the queue. The edge writes it, the workers
 * read it; both import this file, so it is pure and its form carries a version.
 *
 * Nothing in it names a person or shows what they wrote: `owner` is sealed, and so is the payload
 * that lies beside it.
 */
export interface WriteJob {
  readonly version: 3
  readonly className: string
  /** What the origin can do about a repetition, as the policy said when the write was accepted. */
  readonly outcome: 'dedupes' | 'read-back' | 'neither'
  /** Statuses by which the origin says "applied". */
  readonly success: readonly number[]
  readonly acceptedAtMs: number
  /** Not attempted after this instant; it becomes a dead letter `expired`. */
  readonly deadlineMs: number
  /** Attempts with an unknown outcome after which it becomes a dead letter. */
  readonly attemptBound: number
  /** The principal's user, sealed; proves who may read the receipt. */
  readonly owner: string
  /** Goes to the dead letters without an attempt, for this reason. */
  readonly parkAs: DeadLetterReason | null
  /** The key the origin is shown instead of the client's, which was used for something else. */
  readonly keyAtOrigin: string | null
}

/** A write as it goes into the queue. */
export interface QueuedWrite {
  readonly id: string
  /** Tells whether a repeated id comes with the same request. */
  readonly fingerprint: string
  /** Pseudonym of the principal: writes of one mailbox are applied one after the other, in order. */
  readonly mailbox: string
  /** Pseudonym of the school, between which workers are fair. */
  readonly school: string
  readonly job: WriteJob
  /** Those with the earliest go first within a school; null: it may be applied whenever it is. */
  readonly dueAtMs: number | null
  /** A later write of the same person and slot stands for this one; null: each counts. */
  readonly slot: string | null
  /** A sealed `WritePayload`. */
  readonly payload: string
}

/** Who writes what: the part of a job that is sealed at rest. */
export interface WritePayload {
  readonly user: string
  readonly school: string | null
  readonly role: string | null
  readonly groups: readonly string[]
  /** The client's idempotency key; the origin deduplicates by it. */
  readonly key: string
  readonly method: string
  readonly target: string
  readonly contentType: string | null
  /** Which portal it was for, as the client said: what it changes is looked up under this name. */
  readonly host: string | null
  /** SHA-256 of the body, in hex. */
  readonly bodyHash: string
  readonly body: Uint8Array
}

/** Why an acknowledged write was not applied; it waits in the dead letters with its reason. */
export const deadLetterReasons = [
  /** The origin does not accept that this person writes this: 401, 403 or a redirect. */
  'authority-lost',
  /** The origin refused the content; trying again would be refused again. */
  'rejected',
  /** It may have been applied, and repeating it is not safe or was tried often enough. */
  'outcome-unknown',
  'expired',
  /** Sealed under a key that is gone, or written by another version. */
  'unreadable',
  /** Worker after worker ended while it held this write. */
  'worker-lost',
  /** Its key had been used for other content, found out only after it was promised. */
  'key-reused',
] as const

export type DeadLetterReason = (typeof deadLetterReasons)[number]

/** The reason a parked write carries; a text that is none means lost workers. */
export function deadLetterReason(text: string): DeadLetterReason {
  return deadLetterReasons.find((reason) => reason === text) ?? 'worker-lost'
}

/**
 * An applied write stays this long, without its payload: it is the record by which a repeated
 * idempotency key is recognised. The draft asks for the longest time after which a client may
 * still try again; a day, doubled.
 */
export const keptSeconds = 48 * 3_600

/**
 * The text whose SHA-256 names a write: the same principal, class and key are the same write.
 * `mailbox` is the principal's keyed pseudonym, so that nobody can try names against a job's id.
 */
export function identityText(write: { mailbox: string; className: string; key: string }): string {
  return JSON.stringify(['write', write.mailbox, write.className, write.key])
}

/** The text whose SHA-256 tells whether a repeated key comes with the same request. */
export function fingerprintText(payload: WritePayload): string {
  const { user, key, method, target, contentType, bodyHash } = payload
  return JSON.stringify(['fingerprint', user, key, method, target, contentType, bodyHash])
}

/** Number of a write from the SHA-256 of its identity text, in hex. */
export function writeId(identityDigest: string): string {
  return `w${identityDigest.slice(0, 40)}`
}

/** Whether `id` has the form of a number of ours. */
export function isWriteId(id: string): boolean {
  return /^w[0-9a-f]{40}$/.test(id)
}

/** The payload as bytes, ready to be sealed. */
export function packPayload({ body, ...head }: WritePayload): Uint8Array {
  return packParts(head, body)
}

/** The payload in opened bytes, which their seal has proved to be what `packPayload` made. */
export function unpackPayload(packed: Uint8Array): WritePayload {
  return unpackParts(packed) as unknown as WritePayload
}

/** Length of the head, the head as JSON, the body as it is. */
export function packParts(head: object, body: Uint8Array): Uint8Array {
  const headBytes = new TextEncoder().encode(JSON.stringify(head))
  const packed = new Uint8Array(4 + headBytes.length + body.length)
  new DataView(packed.buffer).setUint32(0, headBytes.length)
  packed.set(headBytes, 4)
  packed.set(body, 4 + headBytes.length)
  return packed
}

/** What `packParts` made, the body without a copy. */
export function unpackParts(packed: Uint8Array): { readonly body: Uint8Array } {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const bodyAt = 4 + view.getUint32(0)
  const head = JSON.parse(new TextDecoder().decode(packed.subarray(4, bodyAt)))
  return { ...head, body: packed.subarray(bodyAt) }
}

/** The job in a queue entry's text, or undefined when another version wrote it. */
export function readWriteJob(text: string): WriteJob | undefined {
  try {
    const job = JSON.parse(text) as Partial<WriteJob> | null
    return job?.version === 3 ? (job as WriteJob) : undefined
  } catch {
    // No JSON: nothing of ours. The caller makes a dead letter of it, which is counted.
    return undefined
  }
}
