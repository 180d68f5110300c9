/**
 * A write the edge has promised to apply, as it lies in the queue. The edge writes it, the workers
 * read it; both import this file, so it is pure and its form carries a version.
 *
 * Nothing in it names a person or shows what they wrote: `owner` and `payload` are sealed.
 */
export interface WriteJob {
  readonly version: 2
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
  /** A sealed `WritePayload`; empty once the origin has applied it. */
  readonly payload: string
  /** Attempts with an unknown outcome so far. */
  readonly attempts: number
  readonly isApplied: boolean
  /** Goes to the dead letters without an attempt, for this reason. */
  readonly parkAs: DeadLetterReason | null
  /** The key the origin is shown instead of the client's, which was used for something else. */
  readonly keyAtOrigin: string | null
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

/** The reason a failed job carries; what the queue itself wrote there means lost workers. */
export function deadLetterReason(text: string): DeadLetterReason {
  return deadLetterReasons.find((reason) => reason === text) ?? 'worker-lost'
}

/** Key prefix in Redis. The braces keep all lanes in one slot of a Redis Cluster. */
export const queuePrefix = '{ecluse}'

/**
 * Writes of one principal always take the same lane, and a lane applies one write at a time: that
 * is what keeps a person's writes in order. A write that is tried again holds up its lane only.
 */
export const laneCount = 16

/** Name of a lane's queue; `lane` is 0 to 15. */
export function laneName(lane: number): string {
  return `writes-${lane}`
}

export const lanes: readonly number[] = Array.from({ length: laneCount }, (_, lane) => lane)

/**
 * An applied job stays this long, without its payload: it is the record by which a repeated
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

/** Job id from mailbox and SHA-256, both in hex; its second character is the lane. */
export function writeId(mailbox: string, identityDigest: string): string {
  return `w${mailbox.slice(0, 1)}-${identityDigest.slice(0, 40)}`
}

/** The lane a job id belongs to, or undefined when `id` is no job id of ours. */
export function laneOf(id: string): number | undefined {
  const digit = /^w([0-9a-f])-[0-9a-f]{40}$/.exec(id)?.[1]
  return digit === undefined ? undefined : Number.parseInt(digit, 16)
}

/** Where it is noted that a write which must not be repeated has been sent once. */
export function sentKey(id: string): string {
  return `${queuePrefix}:sent:${id}`
}

/** The payload as bytes, ready to be sealed: length of the head, the head as JSON, the body. */
export function packPayload(payload: WritePayload): Uint8Array {
  const { body, ...head } = payload
  const headBytes = new TextEncoder().encode(JSON.stringify(head))
  const packed = new Uint8Array(4 + headBytes.length + body.length)
  new DataView(packed.buffer).setUint32(0, headBytes.length)
  packed.set(headBytes, 4)
  packed.set(body, 4 + headBytes.length)
  return packed
}

/** The payload in opened bytes, which their seal has proved to be what `packPayload` made. */
export function unpackPayload(packed: Uint8Array): WritePayload {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const bodyAt = 4 + view.getUint32(0)
  const head = JSON.parse(new TextDecoder().decode(packed.subarray(4, bodyAt)))
  return { ...head, body: packed.subarray(bodyAt) }
}

/** The job in a queue entry's data, or undefined when another version wrote it. */
export function readWriteJob(data: unknown): WriteJob | undefined {
  const job = data as Partial<WriteJob> | null
  return job?.version === 2 && typeof job.payload === 'string' ? (job as WriteJob) : undefined
}

/**
 * Lua: for each lane the number of writes not applied yet and when its oldest was accepted (-1
 * without one). KEYS are wait and active list of each lane, ARGV the prefix of its job keys. The
 * oldest is the one being applied or the next in line.
 */
export const backlogScript = `
local answer = {}
for lane = 1, #ARGV do
  local wait, active, oldest = KEYS[2 * lane - 1], KEYS[2 * lane], -1
  for _, id in ipairs({ redis.call('LINDEX', wait, -1), redis.call('LINDEX', active, -1) }) do
    local at = id and tonumber(redis.call('HGET', ARGV[lane] .. id, 'timestamp') or nil)
    if at and (oldest < 0 or at < oldest) then oldest = at end
  end
  answer[2 * lane - 1] = redis.call('LLEN', wait) + redis.call('LLEN', active)
  answer[2 * lane] = oldest
end
return answer`

/** Arguments of `backlogScript` for all lanes: number of keys, keys, arguments. */
export function backlogArguments(): readonly [number, ...string[]] {
  const bases = lanes.map((lane) => `${queuePrefix}:${laneName(lane)}:`)
  const keys = bases.flatMap((base) => [`${base}wait`, `${base}active`])
  return [keys.length, ...keys, ...bases]
}

/** What one lane still owes. `oldestAtMs` is when its oldest write was accepted. */
export interface LaneBacklog {
  readonly writes: number
  readonly oldestAtMs: number | null
}

/** The script's answer, lane by lane. */
export function readBacklog(answer: readonly number[]): readonly LaneBacklog[] {
  return lanes.map((lane) => {
    const oldest = answer[2 * lane + 1] ?? -1
    return { writes: answer[2 * lane] ?? 0, oldestAtMs: oldest < 0 ? null : oldest }
  })
}
