import { test } from 'tap'
import { randomStream } from '../../../core/random.ts'
import { TornDisk } from './crash-image.ts'
import { type DiskEvent, readTrace } from './trace.ts'

const write = (at: number, text: string): DiskEvent => ({
  kind: 'write',
  file: 'a',
  at,
  bytes: Buffer.from(text),
})

/** What a thousand power cuts behind these events leave of the file, each once. */
function leftOf(events: readonly DiskEvent[]): Set<string | undefined> {
  const disk = new TornDisk()
  for (const event of events) disk.apply(event)
  const random = randomStream(7)
  const images = Array.from({ length: 1_000 }, () => disk.image(random).files.get('a'))
  return new Set(images.map((bytes) => bytes && Buffer.from(bytes).toString()))
}

const created: DiskEvent[] = [
  { kind: 'create', file: 'a' },
  { kind: 'sync', file: '.' },
]
const synced: DiskEvent = { kind: 'sync', file: 'a' }

test('what was synced is there whenever the power goes', async (t) => {
  t.same(leftOf([...created, write(0, 'one'), synced]), new Set(['one']))
  t.same(leftOf([...created, write(0, 'one'), synced, write(0, 'two')]), new Set(['one', 'two']))
})

test('of what was not synced any part may be there, in any order', async (t) => {
  const events = [...created, write(0, 'a'), write(1, 'b')]
  t.same(leftOf(events), new Set(['', 'a', '\0b', 'ab']))
})

test('a long write may be torn between sectors', async (t) => {
  const lengths = [...leftOf([...created, write(0, 'x'.repeat(1_024))])].map((text) => text?.length)
  t.same(new Set(lengths), new Set([0, 512, 1_024]))
})

test('a name that was not synced may be missing, with everything in it', async (t) => {
  const events = [{ kind: 'create', file: 'a' } as const, write(0, 'one'), synced]
  t.same(leftOf(events), new Set([undefined, 'one']))
})

test('the calls of a program are read from the words of strace, also when they overlap', async (t) => {
  const lines = String.raw`11 openat(AT_FDCWD</>, "/t/s/a", O_RDWR|O_CREAT, 0644) = 5</t/s/a>
11 pwrite64(5</t/s/a>, "\x41\x00", 2, 24) = 2
12 pwrite64(6</elsewhere>, "\x41", 1, 0) = 1
11 fdatasync(5</t/s/a> <unfinished ...>
12 fsync(9</t/s>) = 0
11 <... fdatasync resumed>) = 0
11 pwrite64(5</t/s/a>, "\x41", 1, 0) = -1 ENOSPC (No space left on device)
11 write(1<pipe:[7]>, "\x41\x43\x4b\x20\x77\x31\x0a", 7) = 7
11 unlink("/t/s/a") = 0
11 +++ exited with 0 +++`.split('\n')
  t.same(readTrace(lines, '/t/s'), [
    { kind: 'create', file: 'a' },
    { kind: 'write', file: 'a', at: 24, bytes: Buffer.from('A\0') },
    { kind: 'sync', file: '.' },
    { kind: 'sync', file: 'a' },
    { kind: 'said', word: 'ACK', ids: ['w1'] },
    { kind: 'unlink', file: 'a' },
  ])
})
