import { rmSync } from 'node:fs'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { totalVariation } from '../schedule/load-checks.ts'
import { planSchedule, type Schedule } from '../schedule/plan.ts'
import { plannedPages } from '../schedule/planned-pages.ts'
import { readProfile, readScenario } from '../schedule/scenario-store.ts'
import { calibrate } from './calibration-process.ts'
import { calibratedScenario } from './calibrated-scenario.ts'
import { main } from './main.ts'
import { markers, writeSyntheticLog } from '../../test/support/synthetic-log.ts'

const base = await readProfile('r500')
if (base.kind === 'refused') throw new Error(base.problems.join(' '))

const folder = await mkdtemp(join(tmpdir(), 'calibrate-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const log = await writeSyntheticLog(folder, { visits: 20_000, assetsPerPage: 0 })
const found = await calibrate({
  files: log.files,
  name: 'synthetic',
  k: 20,
  rules: [],
  base: base.value,
})

test('visits, pages and gaps come out of a log as they went in', async (t) => {
  const { truth } = log
  const tally = found.tally.byTimeout[1]
  t.equal(tally?.visits, truth.visits)
  t.equal(tally?.pages, truth.pages)
  const gapMs = (tally?.durationMs ?? 0) / (truth.pages - truth.visits)
  t.ok(Math.abs(gapMs / (truth.gapsMs / (truth.pages - truth.visits)) - 1) < 0.002)
  t.equal(found.totals.damaged, 1, 'the line that is none')
})

test('the round trip gives back the log: page rate, mix, pages per visit and gaps', async (t) => {
  const { truth } = log
  const scenario = calibratedScenario(found.profile, { from: '07:00', to: '09:00' })
  const sums = { visits: 0, pages: 0, gaps: 0, gapsMs: 0 }
  // Where arrivals jump, luck in who comes stretches gaps; the more visits, the less.
  for (const seed of [7, 8]) {
    const schedule = planSchedule({ scenario, profile: found.profile, scale: 1, seed })
    const { bins, mix } = replayed(schedule, sums)
    const errors = truth.bins
      .slice(84, 108)
      .map((count, i) => Math.abs((bins.get(i) ?? 0) / count - 1))
    t.ok(Math.max(...errors) < 0.05, `worst five minutes ${Math.max(...errors)}`)
    const variation = totalVariation(mix, truth.mix)
    t.ok(variation < 0.02, `mix ${variation}`)
  }
  const perVisit = sums.pages / sums.visits / (truth.pages / truth.visits)
  t.ok(Math.abs(perVisit - 1) < 0.02, `pages per visit ${perVisit}`)
  const gap = sums.gapsMs / sums.gaps / (truth.gapsMs / (truth.pages - truth.visits))
  t.ok(Math.abs(gap - 1) < 0.02, `gaps ${gap}`)
})

/** Page views of a schedule by five minutes and type; adds its whole visits to `sums`. */
function replayed(
  schedule: Schedule,
  sums: { visits: number; pages: number; gaps: number; gapsMs: number },
) {
  const bins = new Map<number, number>()
  const mix = new Map<string, number>()
  const answerMs = found.profile.answerMs.value
  for (let index = 0; index < schedule.sessionCount; index += 1) {
    const session = schedule.sessionAt(index)
    for (const { visit, atMs } of plannedPages(session, answerMs)) {
      const bin = Math.floor(atMs / 300_000)
      bins.set(bin, (bins.get(bin) ?? 0) + 1)
      const page = visit.type === 'landing' ? 'home' : visit.type
      mix.set(page, (mix.get(page) ?? 0) + 1)
    }
    // Visits that the ends of the run do not cut.
    if (session.startMs < 0 || session.startMs > 6_000_000) continue
    sums.visits += 1
    sums.pages += session.pages.length
    sums.gaps += session.pages.length - 1
    for (const { thinkMs } of session.pages.slice(0, -1)) sums.gapsMs += thinkMs + answerMs
  }
  return { bins, mix }
}

test('nothing personal survives, and the scenario that is written can be played', async (t) => {
  const out = await mkdtemp(join(folder, 'out-'))
  t.equal(await main(['--out', out, '--name', 'mine', ...log.files]), 0)
  for (const file of await readdir(out)) {
    const text = await readFile(join(out, file), 'utf8')
    for (const marker of markers) t.notOk(text.includes(marker), `${marker} in ${file}`)
    t.notOk(/10\.\d+\.\d+\.\d+/.test(text), `an address in ${file}`)
  }
  t.match(await readScenario(join(out, 'mine.json')), {
    kind: 'ok',
    profile: { name: 'mine' },
    scenario: { run: { thinkCompression: 1 } },
  })
})

test('a JSON log tells roles and schools; pages of fewer than k people have no name', async (t) => {
  const own = await mkdtemp(join(folder, 'json-'))
  const { files } = await writeSyntheticLog(own, { visits: 600, assetsPerPage: 0, isJson: true })
  const rare = { time_iso8601: '2026-11-23T08:00:00+01:00', status: 200, session: 'one' }
  const extra = join(own, 'rare.log')
  const target = 'GET /portal/absences HTTP/1.1'
  await writeFile(extra, `${JSON.stringify({ ...rare, request: target })}\n`)
  const { profile, suppressed } = await calibrate({
    files: [...files, extra],
    name: 'json',
    k: 20,
    rules: [],
    base: base.value,
  })
  t.equal(profile.schools.value, 5)
  const { teacher, pupil } = profile.days.baseline.visits.value
  t.ok(Math.abs(teacher.visits / pupil.visits - 0.5) < 0.02)
  t.notOk(profile.days.baseline.services.value.some(({ service }) => service === 'absences'))
  t.equal(suppressed.pageTypes, 1)
  t.equal(profile.answerMs.value, 120)
})

test('five minutes of a few people become their hour, an hour of a few is left out', async (t) => {
  const line = (clock: string, visitor: number): string =>
    `10.0.0.${visitor} - - [23/Nov/2026:${clock} +0100] "GET /portal/home HTTP/1.1" 200 1 "-" "B"`
  const lines = [
    ...Array.from({ length: 60 }, (_, i) => line('08:01:00', i)),
    ...Array.from({ length: 3 }, (_, i) => line('08:31:00', i)),
    ...Array.from({ length: 3 }, (_, i) => line('23:31:00', i)),
  ]
  const file = join(folder, 'few.log')
  await writeFile(file, `${lines.join('\n')}\n`)
  const { profile, suppressed } = await calibrate({
    files: [file],
    name: 'few',
    k: 20,
    rules: [],
    base: base.value,
  })
  const shares = profile.days.baseline.fiveMinuteShare?.value ?? []
  t.equal(shares[96], shares[102])
  t.equal(shares[23 * 12 + 6], 0)
  t.ok(suppressed.pageShare > 0.04)
})

const refused: { phrase: string; content: string; problem: RegExp }[] = [
  { phrase: 'no log', content: 'hello\n', problem: /no line of nginx or Apache/ },
  { phrase: 'nothing', content: '', problem: /no line of nginx or Apache/ },
]

for (const { phrase, content, problem } of refused) {
  test(`a file with ${phrase} in it is refused with what was expected`, async (t) => {
    const file = join(folder, 'wrong.log')
    await writeFile(file, content)
    const asked = { files: [file], name: 'x', k: 20, rules: [], base: base.value }
    await t.rejects(calibrate(asked), { code: 'log-unreadable', message: problem })
  })
}
