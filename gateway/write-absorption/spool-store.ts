import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** A write as it lies in the spool: what the queue needs, and whose it is. */
export interface SpooledWrite {
  readonly id: string
  readonly fingerprint: string
  /** Pseudonym of the principal: writes of one mailbox are forwarded in order. */
  readonly mailbox: string
  readonly acceptedAtMs: number
  /** The job as JSON; what people wrote is sealed inside. */
  readonly job: string
}

export interface SpooledRow extends SpooledWrite {
  /** Grows with each append; the order in which writes were promised. */
  readonly seq: number
}

/** What lies under the id after an append: this write, or an earlier one. `full` keeps nothing. */
export type SpoolResult =
  | {
      readonly kind: 'stored'
      readonly isNew: boolean
      readonly fingerprint: string
      readonly acceptedAtMs: number
    }
  | { readonly kind: 'full' }

export interface SpoolTotals {
  readonly writes: number
  readonly bytes: number
  readonly oldestAtMs: number | null
}

/**
 * The spool of one process: an SQLite file in `folder` that it alone holds open. Synchronous, so it
 * belongs on a thread of its own.
 *
 * A process that ends, however it ends, lets go of its lock, and whoever opens the folder next
 * takes its file over; so do processes that share the folder, by `adopt`. The lock is SQLite's own.
 */
export class SpoolStore {
  private readonly database: DatabaseSync
  private readonly folder: string
  private readonly file: string
  private readonly maxBytes: number
  private readonly insertOne: StatementSync
  private readonly findOne: StatementSync
  private writes = 0
  private bytes = 0

  /** Fails when the folder cannot be written. */
  constructor(folder: string, maxBytes: number) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.folder = folder
    this.maxBytes = maxBytes
    const owned = ownFile(folder)
    this.file = owned.file
    this.database = owned.database
    this.insertOne = owned.database.prepare(insertSql)
    const first = `SELECT ${columns} FROM writes WHERE id = ? ORDER BY seq LIMIT 1`
    this.findOne = owned.database.prepare(first)
    this.count()
  }

  /**
   * Stores writes in one transaction and returns when all are on disk. Throws when the disk refuses;
   * then none of them counts as stored, and appending again is safe.
   */
  append(writes: readonly SpooledWrite[]): SpoolResult[] {
    const before = { writes: this.writes, bytes: this.bytes }
    try {
      return inTransaction(this.database, () => writes.map((write) => this.insert(write)))
    } catch (error) {
      Object.assign(this, before)
      throw error
    }
  }

  /** The oldest writes, in the order in which they were promised. */
  head(limit: number): SpooledRow[] {
    const rows = this.database.prepare(`SELECT ${columns} FROM writes ORDER BY seq LIMIT ?`)
    return rows.all(limit) as unknown as SpooledRow[]
  }

  /** The first write stored under `id`, or null. */
  find(id: string): SpooledRow | null {
    return (this.findOne.get(id) as SpooledRow | undefined) ?? null
  }

  /** Forgets writes that the queue has confirmed. */
  remove(seqs: readonly number[]): void {
    inTransaction(this.database, () => {
      const remove = this.database.prepare('DELETE FROM writes WHERE seq = ?')
      for (const seq of seqs) remove.run(seq)
    })
    this.count()
  }

  /** Moves what ended processes left in the folder into this spool; returns what came. */
  adopt(): SpooledRow[] {
    const last = this.lastSeq()
    for (const name of spoolFilesIn(this.folder)) {
      const file = join(this.folder, name)
      if (file !== this.file) this.adoptFile(file)
    }
    const rows = this.database.prepare(`SELECT ${columns} FROM writes WHERE seq > ? ORDER BY seq`)
    return rows.all(last) as unknown as SpooledRow[]
  }

  /** Writes held for each mailbox. */
  mailboxes(): { readonly mailbox: string; readonly writes: number }[] {
    const sql = 'SELECT mailbox, count(*) AS writes FROM writes GROUP BY mailbox'
    return this.database.prepare(sql).all() as unknown as { mailbox: string; writes: number }[]
  }

  totals(): SpoolTotals {
    const sql = 'SELECT accepted_at_ms AS oldest FROM writes ORDER BY seq LIMIT 1'
    const oldest = this.database.prepare(sql).get()?.['oldest'] ?? null
    return { writes: this.writes, bytes: this.bytes, oldestAtMs: oldest as number | null }
  }

  close(): void {
    this.database.close()
  }

  private insert(write: SpooledWrite): SpoolResult {
    const { id, fingerprint, mailbox, acceptedAtMs, job } = write
    const known = this.find(id)
    if (known !== null) {
      const { fingerprint, acceptedAtMs } = known
      return { kind: 'stored', isNew: false, fingerprint, acceptedAtMs }
    }
    const bytes = rowBytes(job)
    if (this.bytes + bytes > this.maxBytes) return { kind: 'full' }
    this.insertOne.run(id, fingerprint, mailbox, acceptedAtMs, job)
    this.writes += 1
    this.bytes += bytes
    return { kind: 'stored', isNew: true, fingerprint, acceptedAtMs }
  }

  /**
   * Copies first and removes the file after the commit: whatever is cut off in between, a write is
   * in one of the two files or in both, and the queue knows a repeated id.
   */
  private adoptFile(file: string): void {
    const orphan = lockedDatabase(file)
    if (orphan === null) return
    try {
      const rows = orphan.prepare(`SELECT ${columns} FROM writes ORDER BY seq`)
      inTransaction(this.database, () => {
        for (const row of rows.iterate() as unknown as Iterable<SpooledRow>) {
          this.insertOne.run(row.id, row.fingerprint, row.mailbox, row.acceptedAtMs, row.job)
        }
      })
      this.count()
      // While the lock is held: nobody can begin to use a file that is about to go.
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
    } finally {
      orphan.close()
    }
  }

  private lastSeq(): number {
    const row = this.database.prepare('SELECT max(seq) AS seq FROM writes').get()
    return (row?.['seq'] as number | null) ?? 0
  }

  private count(): void {
    const sql = `SELECT count(*) AS writes, coalesce(sum(length(job) + ${rowOverheadBytes}), 0) AS bytes FROM writes`
    const { writes, bytes } = this.database.prepare(sql).get() as { writes: number; bytes: number }
    this.writes = writes
    this.bytes = bytes
  }
}

const columns = 'seq, id, fingerprint, mailbox, accepted_at_ms AS acceptedAtMs, job'

// Two writes under one id can only come from two processes; both were promised, so both are kept.
const insertSql = `INSERT INTO writes (id, fingerprint, mailbox, accepted_at_ms, job)
  VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

const schema = `CREATE TABLE IF NOT EXISTS writes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  mailbox TEXT NOT NULL,
  accepted_at_ms INTEGER NOT NULL,
  job TEXT NOT NULL,
  UNIQUE (id, fingerprint)
) STRICT`

/** Ids, indexes and page slack of one row. */
const rowOverheadBytes = 512

function rowBytes(job: string): number {
  return job.length + rowOverheadBytes
}

/** The first file of the folder that nobody holds, or a new one. */
function ownFile(folder: string): { readonly file: string; readonly database: DatabaseSync } {
  const names = spoolFilesIn(folder)
  for (const name of names) {
    const database = lockedDatabase(join(folder, name))
    if (database !== null) return { file: join(folder, name), database }
  }
  for (let number = names.length + 1; ; number += 1) {
    const file = join(folder, `spool-${String(number).padStart(4, '0')}.sqlite`)
    if (!createFile(file)) continue
    const database = lockedDatabase(file)
    if (database === null) continue
    syncFolder(folder)
    return { file, database }
  }
}

function spoolFilesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^spool-\d+\.sqlite$/.test(name))
    .toSorted()
}

/** False when it is there already. */
function createFile(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx', 0o600))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The database in `file`, held by this process alone; null when another one holds it. */
function lockedDatabase(file: string): DatabaseSync | null {
  const inode = inodeOf(file)
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // Exclusive before WAL: no shared memory, and the lock is kept until the process ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('PRAGMA journal_mode = WAL')
    // FULL: every commit waits for the disk before it returns.
    database.exec('PRAGMA synchronous = FULL')
    database.exec('PRAGMA secure_delete = ON')
    inTransaction(database, () => database.exec(schema))
    // Between opening and locking, its last holder may have removed it.
    if (inode !== null && inodeOf(file) === inode) return database
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === sqliteBusy) return null
    throw error
  }
  database.close()
  return null
}

const sqliteBusy = 5

function inodeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? null
}

/** So that a new file is still in its folder after a power cut. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // Some failures end the transaction by themselves.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
