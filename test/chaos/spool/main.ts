import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { commit, machine } from '../../../bench/machine-probe.ts'
import { randomStream } from '../../../core/random.ts'
import { SpoolStore } from '../../../gateway/write-absorption/spool-store.ts'
import { type CrashImage, TornDisk } from './crash-image.ts'
import { jobOf } from './promise.ts'
import { type DiskEvent, readTrace } from './trace.ts'

const usage = `Usage: npm run chaos -- spool [--short] [--images N] [--json FILE]

Records with strace what the spool writes and syncs, rebuilds what a power cut at any instant may
leave, opens each, and looks for what had been promised. Then the same with synchronous = NORMAL,
which must lose something. Needs strace.
Exit code 0: nothing lost; 5: something promised is missing; 3: the weaker spool was not caught.
`

/** `npm run chaos -- spool`. */
export async function chaos(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      short: { type: 'boolean', default: false },
      images: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const images = Number(values.images ?? (values.short ? 1_000 : 10_000))
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-crash-'))
  try {
    const real = judge(folder, { images, mutant: null })
    const weak = judge(folder, { images: 200, mutant: 'spool-normal' })
    const figures = [
      figure('spool.images', real.images, '>= 1000', real.images >= 1_000),
      figure('spool.promised', real.promised, '', true),
      figure('spool.lost', real.lost, '= 0', real.lost === 0),
      figure('spool.unsynced-answers', real.unsyncedAnswers, '= 0', real.unsyncedAnswers === 0),
      figure('spool.mutant.normal.lost', weak.lost, '> 0', weak.lost > 0),
    ]
    for (const { id, value, mark, holds } of figures) {
      console.log(
        `${id.padEnd(28)}${String(value).padStart(9)}  ${mark}  ${holds ? 'holds' : 'MISSED'}`,
      )
    }
    if (values.json !== undefined) {
      const result = { name: 'spool', machine: machine(), commit: commit(), figures }
      writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
    }
    if (real.lost > 0 || real.unsyncedAnswers > 0) return 5
    return figures.every(({ holds }) => holds) ? 0 : 3
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function figure(id: string, value: number, mark: string, holds: boolean) {
  return { id, value, unit: 'count', mark, holds }
}

/** Records one run and opens what power cuts at seeded instants would have left of it. */
function judge(folder: string, facts: { readonly images: number; readonly mutant: string | null }) {
  const events = record(folder, facts.mutant)
  const random = randomStream('crash', facts.images)
  const cuts = Array.from({ length: facts.images }, () => Math.floor(random.next() * events.length))
  const here = Map.groupBy(cuts, (cut) => cut)
  const disk = new TornDisk()
  const seen = { images: 0, promised: 0, lost: 0, unsyncedAnswers: 0 }
  for (const [at, event] of events.entries()) {
    disk.apply(event)
    const isPromise = event.kind === 'said' && event.word === 'ACK'
    if (isPromise && disk.unsynced().some((file) => file.endsWith('-wal'))) {
      seen.unsyncedAnswers += 1
    }
    for (const _ of here.get(at) ?? []) {
      const image = disk.image(random)
      seen.images += 1
      seen.promised += image.promised.size
      seen.lost += missingIn(join(folder, 'image'), image)
    }
  }
  return seen
}

/** What the spool, opened after the cut, does not have word for word. */
function missingIn(folder: string, { files, promised }: CrashImage): number {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [name, content] of files) writeFileSync(join(folder, name), content)
  let found: Map<string, string>
  try {
    const store = new SpoolStore(folder, 1e9)
    store.adopt()
    found = new Map(store.head(1_000_000).map(({ id, job }) => [id, job]))
    store.close()
  } catch {
    // It cannot even be opened: everything promised is missing.
    return Math.max(1, promised.size)
  }
  return [...promised].filter((id) => found.get(id) !== jobOf(id)).length
}

const recorder = fileURLToPath(new URL('./record.ts', import.meta.url))
const mutate = fileURLToPath(new URL('../writes/mutate.ts', import.meta.url))
const calls = 'openat,write,pwrite64,pwritev,fdatasync,fsync,ftruncate,unlink,unlinkat'
const commits = 250

function record(folder: string, mutant: string | null): DiskEvent[] {
  const spool = join(folder, `spool-of-${mutant ?? 'today'}`)
  const trace = join(folder, 'trace')
  const changed = mutant === null ? [] : ['--import', mutate]
  const traced = ['-f', '-q', '-y', '-xx', '-s', '200000', '-e', `trace=${calls}`, '-o', trace]
  execFileSync('strace', [...traced, process.execPath, ...changed, recorder, spool, `${commits}`], {
    env: { ...process.env, NODE_OPTIONS: '', ECLUSE_CHAOS_MUTANT: mutant ?? '' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return readTrace(readFileSync(trace, 'latin1').split('\n'), spool)
}
