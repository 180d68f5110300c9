import { test } from 'tap'
import { exponential } from '../../core/distributions.ts'
import { randomStream } from '../../core/random.ts'
import { admissionsPerSecond } from './admission-pace.ts'

const rules = {
  targetPressureRatio: 1.5,
  entrySlotSeconds: 2.5,
  minInside: 1,
  maxInside: 1_000,
  idleSeconds: 60,
}

/** The pressure that the reference policy aims at. */
const shipped = { ...rules, targetPressureRatio: 1.75 }

test('the door lets in what three tenths of the headroom can serve', async (t) => {
  const rows = [
    { busy: 0, entering: 0, expect: 1.8, phrase: 'an idle gate of ten slots' },
    { busy: 0.5, entering: 0, expect: 1.2, phrase: 'people inside hold five slots' },
    { busy: 1, entering: 0, expect: 0.6, phrase: 'full of people inside: a few into the line' },
    { busy: 1, entering: 2, expect: 1.2, phrase: 'half of it is those entering: go on' },
    { busy: 1, queued: 5, entering: 0, expect: 0, phrase: 'a line of half the slots: closed' },
    { busy: 1, queued: 50, entering: 0, expect: 0, phrase: 'never less than closed' },
    { busy: 0.1, entering: 9, expect: 1.8, phrase: 'arrivals that the gate has not seen yet' },
  ]
  for (const { busy, queued = 0, entering, expect, phrase } of rows) {
    const load = { utilisationRatio: busy, pressingMean: queued, limit: 10 }
    const found = admissionsPerSecond({ loads: [load], enteringPerSecond: entering, rules })
    t.ok(Math.abs(found - expect) < 1e-9, `${phrase}: ${found}`)
  }
})

/** A gate whose load is what people inside need, and first pages that come seconds after the door. */
function simulatedLoads(trueEntrySlotSeconds: number): number[] {
  const random = randomStream(7, 'door')
  const [limit, stepSeconds] = [40, 0.25]
  const due: number[] = []
  const entries: number[] = []
  const loads: number[] = []
  let [inside, utilisation, queued] = [0, 0, 0]
  for (let step = 0; step < 2_000; step += 1) {
    const work = (due[step] ?? 0) + inside * 0.1 * stepSeconds * (0.8 + 0.4 * random.next())
    const capacity = limit * stepSeconds
    const done = Math.min(capacity, queued + work)
    queued += work - done
    utilisation += 0.22 * (done / capacity - utilisation)
    const seen = entries.slice(Math.max(0, step - 15), Math.max(0, step - 3))
    const enteringPerSecond = seen.reduce((sum, one) => sum + one, 0) / 3
    // A request holds a slot for an eighth of a second.
    const load = { utilisationRatio: utilisation, pressingMean: queued * 8, limit }
    const facts = { loads: [load], enteringPerSecond, rules: shipped }
    const admitted = admissionsPerSecond(facts) * stepSeconds
    entries.push(admitted)
    // Each is noticed, logs in and loads the first page over the next seconds.
    const late = step + 4 + Math.floor(exponential(random, 4))
    for (let part = 0; part < 6; part += 1) {
      due[late + part] = (due[late + part] ?? 0) + (admitted * trueEntrySlotSeconds) / 6
    }
    inside += admitted - (inside * stepSeconds) / 60
    loads.push(done / capacity)
  }
  return loads.slice(400)
}

test('the gate is kept busy, also when entering costs other than the policy says', async (t) => {
  for (const trueEntrySlotSeconds of [1.8, 2.1, 2.5, 3]) {
    const loads = simulatedLoads(trueEntrySlotSeconds)
    const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length
    t.ok(mean > 0.88, `cost ${trueEntrySlotSeconds}: mean ${mean}`)
  }
})
