import { readFileSync } from 'node:fs'
import { t as root, test } from 'tap'
import { markText } from '../bench.ts'
import { portalKindsAlike } from './crowd.ts'
import { gradient2 } from './gradient2.ts'
import { overloadMarks, overloadRows } from './marks.ts'
import { longOverload, plateau, priorities, schools, stepResponse, triedRules } from './trials.ts'
import { metastability, worstRatio } from './triggers.ts'

// The short form of each line of `npm run bench -- overload`, each beside a run with one thing off
// that misses its mark.
const short = { isShort: true }
// Half a minute of computing in all; a busy machine may take several.
const patient = { timeout: 600_000 }
root.setTimeout(600_000)
const guessed = { ...triedRules, limit: 'fixed' as const }

test(
  'T1: at ten times the load the portal stays busy for people who still wait',
  patient,
  async (t) => {
    const whole = plateau(short)
    t.ok(whole.goodput >= 0.9, `goodput ${whole.goodput}`)
    t.ok(whole.p99Ratio <= 2, `admitted p99 ${whole.p99Ratio} times that at 0.8x`)
    t.ok(whole.refusalP99Ms <= 20, `turned away within ${whole.refusalP99Ms} ms`)
    const bare = plateau({ ...short, rules: null })
    t.ok(bare.goodput < 0.1, `without a gate: ${bare.goodput}`)
    const fixed = plateau({ ...short, rules: guessed })
    t.ok(fixed.goodput < 0.9, `with a limit that was guessed: ${fixed.goodput}`)
    t.ok(fixed.refusalP99Ms > 20, `and people told after ${fixed.refusalP99Ms} ms`)
  },
)

test('T2: hours of overload do not teach the gate that slow is usual', patient, async (t) => {
  const hours = 2
  const whole = longOverload({ ...short, hours })
  t.ok(whole.limitOff <= 0.15, `limit off by ${whole.limitOff}`)
  t.ok(whole.driftPerHour <= 0.01, `drift of ${whole.driftPerHour} an hour`)
  const peer = longOverload({ ...short, hours: 1, control: gradient2 })
  t.ok(whole.goodput >= 0.9, `goodput ${whole.goodput}`)
  t.ok(peer.goodput < 0.9, `with a limit whose baseline follows: ${peer.goodput}`)
})

test(
  'T3: a surge is met within seconds, and nobody is turned away after it',
  patient,
  async (t) => {
    const whole = stepResponse(short)
    t.ok(whole.goodput >= 0.9, `goodput ${whole.goodput} from the fifth second on`)
    t.equal(whole.shedAfter, 0, 'nobody is shed from ten seconds after its end')
    t.ok(whole.goodputAfter > 0.45, 'and everybody is served')
    const fixed = stepResponse({ ...short, rules: guessed })
    t.ok(fixed.goodput < 0.9, `with a limit that was guessed: ${fixed.goodput}`)
    const bare = stepResponse({ ...short, rules: null })
    t.ok(bare.goodputAfter < 0.1, `without a gate it never comes back: ${bare.goodputAfter}`)
  },
)

test(
  'T4: when the portal stalls, slows or loses its cache, it is back within 30 s of load',
  patient,
  async (t) => {
    const whole = metastability(short)
    t.ok(worstRatio(whole) >= 0.95, JSON.stringify(whole))
    const bare = metastability({ ...short, rules: null })
    t.ok(worstRatio(bare) < 0.1, 'without a gate it never comes back')
  },
)

test('T6: what people save is done, and the lowest priority goes first', patient, async (t) => {
  const whole = priorities(short)
  t.ok(whole.p0 >= 0.999, `P0 ${whole.p0} of ${whole.p0Asked}`)
  t.ok(whole.p1 >= 0.99, `P1 ${whole.p1}`)
  t.equal(whole.inversions, 0)
  const flat = priorities({ ...short, kinds: portalKindsAlike })
  t.ok(flat.p0 < 0.5, `with one priority for all: ${flat.p0}`)
})

test('T7: one school at fifty times its load takes nothing from the others', patient, async (t) => {
  const whole = schools(short)
  t.ok(whole.jain >= 0.95, `Jain ${whole.jain} over ${whole.schoolsCounted} schools`)
  t.ok(whole.othersLose <= 0.01, `the others lose ${whole.othersLose}`)
  const blind = schools({ ...short, schools: 'unknown' })
  t.ok(blind.othersLose > 0.01, `a gate that knows no schools: ${blind.othersLose}`)
})

test('every row and every mark of the overload benchmark is documented as it is', async (t) => {
  const text = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8')
  for (const mark of overloadMarks)
    t.ok(text.includes(`| \`${mark.id}\` | ${mark.unit} | ${markText(mark)} |`), mark.id)
  for (const row of overloadRows) t.match(text, new RegExp(`^\\| \`${row}\` \\|`, 'm'), row)
})
