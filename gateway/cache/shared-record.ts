import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import type { PurgePosition } from './purge-view.ts'
import { type StoredAnswer, storedAnswer } from './stored-answer.ts'

/** Raise it when a reader of the number before would misread. Others' records are misses. */
const format = 1

/** An entry and up to which purge its maker had read when it began to fetch it. */
export interface SharedRecord {
  readonly entry: StoredAnswer
  readonly since: PurgePosition
}

/** When the last use of an entry ends: what the record's time to live counts to. */
export function lastUseAtMs(entry: StoredAnswer): MonotonicMs {
  return Math.max(entry.freshUntilMs, entry.refreshUntilMs, entry.errorUntilMs) as MonotonicMs
}

/**
 * The bytes of a record. Instants are written as distances from its last use, which is when Redis
 * lets it expire: so a reader lays them on its own clock, and no two clocks need to agree.
 */
export function encodeRecord({ entry, since }: SharedRecord): Uint8Array {
  const endMs = lastUseAtMs(entry)
  const head: Head = {
    format,
    since,
    status: entry.status,
    resource: entry.resource,
    lines: entry.originLines,
    beforeEndMs: {
      born: endMs - entry.bornAtMs,
      stored: endMs - entry.storedAtMs,
      fresh: endMs - entry.freshUntilMs,
      refresh: endMs - entry.refreshUntilMs,
      error: endMs - entry.errorUntilMs,
    },
  }
  const headBytes = new TextEncoder().encode(JSON.stringify(head))
  const bytes = new Uint8Array(4 + headBytes.byteLength + entry.body.byteLength)
  new DataView(bytes.buffer).setUint32(0, headBytes.byteLength)
  bytes.set(headBytes, 4)
  bytes.set(entry.body, 4 + headBytes.byteLength)
  return bytes
}

/** The record of these bytes, authenticated before; null when another version wrote it. */
export function decodeRecord(
  bytes: Uint8Array,
  endAtMs: MonotonicMs,
  receivedAtMs: WallMs,
): SharedRecord | null {
  const head = headOf(bytes)
  if (head === null) return null
  const before = head.beforeEndMs
  const timeline = {
    bornAtMs: (endAtMs - before.born) as MonotonicMs,
    storedAtMs: (endAtMs - before.stored) as MonotonicMs,
    freshUntilMs: (endAtMs - before.fresh) as MonotonicMs,
    refreshUntilMs: (endAtMs - before.refresh) as MonotonicMs,
    errorUntilMs: (endAtMs - before.error) as MonotonicMs,
  }
  const { status, resource, lines: originLines, since } = head
  // A copy of its own: a part of what came from Redis would keep the whole alive.
  const body = bytes.slice(head.endsAt)
  const entry = storedAnswer({ status, resource, originLines, body, timeline, receivedAtMs })
  return { entry, since }
}

interface Head {
  readonly format: number
  readonly since: PurgePosition
  readonly status: number
  readonly resource: string
  readonly lines: readonly string[]
  readonly beforeEndMs: Readonly<Record<'born' | 'stored' | 'fresh' | 'refresh' | 'error', number>>
}

function headOf(bytes: Uint8Array): (Head & { readonly endsAt: number }) | null {
  if (bytes.byteLength < 4) return null
  const endsAt = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  try {
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, endsAt))) as Head
    return head.format === format ? { ...head, endsAt } : null
  } catch {
    // Sealed by one of ours, and not in this form: another version.
    return null
  }
}
