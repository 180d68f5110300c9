// Fills a spool and says what was promised, while strace writes down what reaches the disk.
// Usage: node record.ts FOLDER COMMITS
import { writeSync } from 'node:fs'
import { randomStream } from '../../../core/random.ts'
import { SpoolStore } from '../../../gateway/write-absorption/spool-store.ts'
import { jobOf } from './promise.ts'

const [folder = '', commits = '0'] = process.argv.slice(2)
const random = randomStream(1)
const say = (word: string, ids: readonly string[]): void =>
  void writeSync(1, `${word} ${ids.join(' ')}\n`)

const store = new SpoolStore(folder, 1e9)
let n = 0
for (let commit = 0; commit < Number(commits); commit += 1) {
  const writes = Array.from({ length: 1 + Math.floor(random.next() * 6) }, () => {
    n += 1
    const id = `w${n}`
    const job = jobOf(id)
    return { id, fingerprint: 'f', mailbox: `m${n % 7}`, acceptedAtMs: n, job }
  })
  store.append(writes)
  say(
    'ACK',
    writes.map(({ id }) => id),
  )
  if (random.next() < 0.2) {
    const rows = store.head(8)
    // Said before: from here on they may be gone, because the queue has them.
    say(
      'GONE',
      rows.map(({ id }) => id),
    )
    store.remove(rows.map(({ seq }) => seq))
  }
}
// Not closed: a power cut does not close either.
process.exit(0)
