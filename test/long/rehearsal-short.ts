// About three minutes: node test/long/rehearsal-short.ts
import { t as root, test } from 'tap'
import { rehearseSurge } from './edge-arm.ts'
import { resultsFolder } from './results-folder.ts'

const patient = { timeout: 240_000 }
root.setTimeout(480_000)

test('the edge keeps the portal useful through a surge, and loses nothing', patient, async (t) => {
  const { result, edge } = await rehearseSurge('--out', resultsFolder(t))
  t.ok((edge.goodputRatio ?? 0) >= 0.8, `goodput ${edge.goodputRatio}`)
  t.match(result, { valid: true, writes: { audit: 'complete', lost: 0, duplicated: 0 } })
  t.ok((result.writes.acknowledged ?? 0) > 0, `${result.writes.acknowledged} acknowledged writes`)
  t.equal(result.leaks.foreignCanaries, 0)
})

test('without admission and waiting room the same surge breaks it', patient, async (t) => {
  const off = ['--without', 'admission,waiting-room', '--out', resultsFolder(t)]
  const { status, result, edge } = await rehearseSurge(...off)
  t.ok((edge.goodputRatio ?? 1) < 0.5, `goodput ${edge.goodputRatio}`)
  t.match(result, { valid: true, verdict: 'fail' })
  t.equal(status, 3)
})
