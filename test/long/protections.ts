// About a minute for each row, and one: node test/long/protections.ts
import { t as root, test } from 'tap'
import { type EdgeRun, rehearseEdge } from './edge-arm.ts'
import { resultsFolder } from './results-folder.ts'

interface Worth {
  readonly off: string
  readonly figure: string
  readonly read: (run: EdgeRun) => number | null
  /** Whether the figure without the protection is a failure, given what the whole edge did. */
  readonly fails: (without: number, whole: number) => boolean
}

/** Protections that this rehearsal exercises, each with the figure that is its own. */
const rows: readonly Worth[] = [
  {
    off: 'admission,waiting-room',
    figure: 'goodput at the peak',
    read: ({ edge }) => edge.goodputRatio,
    // Measured: 0.26 of 0.60, and 0.32 of 0.68.
    fails: (without, whole) => without < whole * 0.6,
  },
  {
    off: 'cache',
    figure: 'median page',
    read: ({ edge }) => edge.p50Ms,
    // Measured: 348 ms after 212, and 371 after 231; 13 to 17 % fewer pages were served.
    fails: (without, whole) => without > whole * 1.3,
  },
]

/** Protections that nothing in the scenario puts to work, and what would. */
const idle: Readonly<Record<string, string>> = {
  coalescing: 'needs a crowd that asks for one entry in the moment it runs out',
  'rate-limit': 'needs one client or account that asks for far more than people do',
  'durable-queue': 'needs a machine that loses power, or a Redis that forgets, while writes wait',
  'write-absorption': 'needs a portal that is slow or gone while people save',
  deduplication: 'needs a portal that applies a write and dies before it says so',
}

root.setTimeout(1_200_000)

test('every protection is worth its figure', { timeout: 1_200_000 }, async (t) => {
  const whole = await rehearseEdge('--out', resultsFolder(t))
  for (const { off, figure, read, fails } of rows) {
    const without = await rehearseEdge('--without', off, '--out', resultsFolder(t))
    const [is, was] = [read(without), read(whole)]
    const name = `without ${off}: ${figure} ${is}, with the whole edge ${was}`
    t.ok(is !== null && was !== null && fails(is, was), name)
    t.equal(without.result.verdict, 'fail', `verdict without ${off}`)
  }
  for (const [name, need] of Object.entries(idle)) t.comment(`not shown: ${name}, which ${need}`)
})
