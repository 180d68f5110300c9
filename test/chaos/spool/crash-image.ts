import type { RandomStream } from '../../../core/random.ts'
import type { DiskEvent } from './trace.ts'

/** What a disk may hold after a power cut, and what had been promised until then. */
export interface CrashImage {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly promised: ReadonlySet<string>
}

type Change = Extract<DiskEvent, { kind: 'write' | 'truncate' }>

interface FileState {
  durable: Buffer<ArrayBuffer>
  /** Changes since the last sync of the file. */
  pending: Change[]
  /** Its entry in the folder, as it is surely on disk, and as it is now. */
  isNamedDurably: boolean
  isNamed: boolean
}

/** Disks write in units of this size, each whole or not at all. */
const sectorBytes = 512

/** The disk under a program, event by event. */
export class TornDisk {
  private readonly states = new Map<string, FileState>()
  private readonly promised = new Set<string>()

  apply(event: DiskEvent): void {
    if (event.kind === 'said') {
      for (const id of event.ids) {
        if (event.word === 'ACK') this.promised.add(id)
        else this.promised.delete(id)
      }
      return
    }
    if (event.file === '.') {
      for (const state of this.states.values()) state.isNamedDurably = state.isNamed
      return
    }
    const state = this.stateOf(event.file)
    switch (event.kind) {
      case 'create':
        state.isNamed = true
        return
      case 'unlink':
        state.isNamed = false
        return
      case 'sync':
        state.durable = changed(state.durable, state.pending, () => true)
        state.pending = []
        return
      case 'write':
      case 'truncate':
        state.pending.push(event)
    }
  }

  /** Files with changes that are not synced. */
  unsynced(): readonly string[] {
    return [...this.states].filter(([, { pending }]) => pending.length > 0).map(([name]) => name)
  }

  /**
   * What is left when the power goes now: what was synced, and of everything else any subset, sector
   * by sector, in any order; names that were not synced are there or not.
   */
  image(random: RandomStream): CrashImage {
    const files = new Map<string, Uint8Array>()
    // How much of what was not synced gets through: from nothing to everything.
    const share = random.next() * 1.2 - 0.1
    const gets = (): boolean => random.next() < share
    for (const [name, { durable, pending, isNamed, isNamedDurably }] of this.states) {
      const isThere = isNamedDurably === isNamed ? isNamed : gets()
      if (isThere) files.set(name, changed(Buffer.from(durable), pending, gets))
    }
    return { files, promised: new Set(this.promised) }
  }

  private stateOf(file: string): FileState {
    const known = this.states.get(file)
    if (known !== undefined) return known
    const state = { durable: Buffer.alloc(0), pending: [], isNamedDurably: false, isNamed: false }
    this.states.set(file, state)
    return state
  }
}

/** `content` with those sectors of the changes that `gets` lets through; may change it in place. */
function changed(
  content: Buffer<ArrayBuffer>,
  changes: readonly Change[],
  gets: () => boolean,
): Buffer<ArrayBuffer> {
  let now = content
  for (const change of changes) {
    if (change.kind === 'truncate') {
      if (gets()) now = resized(now, change.size)
      continue
    }
    const { at, bytes } = change
    for (let from = 0; from < bytes.length; from += sectorBytes) {
      if (!gets()) continue
      const sector = bytes.subarray(from, from + sectorBytes)
      const end = at + from + sector.length
      if (now.length < end) now = resized(now, end)
      now.set(sector, at + from)
    }
  }
  return now
}

function resized(content: Buffer<ArrayBuffer>, size: number): Buffer<ArrayBuffer> {
  const next = Buffer.alloc(size)
  content.copy(next, 0, 0, Math.min(size, content.length))
  return next
}
