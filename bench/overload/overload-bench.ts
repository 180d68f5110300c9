import type { Bench, Figure } from '../bench.ts'
import { figureText, textTable } from '../text-table.ts'
import { portalKindsAlike } from './crowd.ts'
import { gradient2 } from './gradient2.ts'
import { overloadMarks, overloadRows } from './marks.ts'
import { longOverload, plateau, priorities, schools, stepResponse, triedRules } from './trials.ts'

type Row = (typeof overloadRows)[number]

/** The gate in virtual time: what it does in a day of overload takes seconds. */
export const overloadBench: Bench = {
  rows: overloadRows,
  marks: overloadMarks,
  run: async ({ isShort, only, say }) => {
    const figures: Figure[] = []
    const lines: string[][] = [['trial', 'figure', 'the gate', 'beside it', '']]
    for (const row of overloadRows) {
      if (only.length > 0 && !only.includes(row)) continue
      say(`${row} …`)
      for (const [name, value, peers] of trials[row](isShort)) {
        figures.push({ id: `${row}.${name}`, value, peers })
        for (const [peer, other] of Object.entries(peers))
          lines.push([row, name, figureText(value), figureText(other), peer])
      }
    }
    return { lines: textTable(lines), figures }
  },
}

type Measured = readonly [name: string, value: number, peers: Readonly<Record<string, number>>]

/** Each trial, beside the same with one thing off. */
const trials: Readonly<Record<Row, (isShort: boolean) => readonly Measured[]>> = {
  T1: (isShort) => {
    const whole = plateau({ isShort })
    const bare = plateau({ isShort, rules: null })
    const fixed = plateau({ isShort, rules: { ...triedRules, limit: 'fixed' } })
    return [
      ['goodput', whole.goodput, { 'no gate': bare.goodput, 'a guessed limit': fixed.goodput }],
      ['p99Ratio', whole.p99Ratio, { 'a guessed limit': fixed.p99Ratio }],
      ['refusalP99Ms', whole.refusalP99Ms, { 'a guessed limit': fixed.refusalP99Ms }],
    ]
  },
  T2: (isShort) => {
    const hours = isShort ? 2 : 24
    const whole = longOverload({ isShort, hours })
    const peer = longOverload({ isShort, hours: 1, control: gradient2 })
    return [
      ['goodput', whole.goodput, { 'Gradient2, 1 h': peer.goodput }],
      ['limitOff', whole.limitOff, { 'Gradient2, 1 h': peer.limitOff }],
      ['driftPerHour', whole.driftPerHour, { 'Gradient2, 1 h': peer.driftPerHour }],
    ]
  },
  T3: (isShort) => {
    const whole = stepResponse({ isShort })
    const bare = stepResponse({ isShort, rules: null })
    const fixed = stepResponse({ isShort, rules: { ...triedRules, limit: 'fixed' } })
    return [
      ['goodput', whole.goodput, { 'no gate': bare.goodput, 'a guessed limit': fixed.goodput }],
      ['shedAfter', whole.shedAfter, { 'a guessed limit': fixed.shedAfter }],
    ]
  },
  T6: (isShort) => {
    const whole = priorities({ isShort })
    const flat = priorities({ isShort, kinds: portalKindsAlike })
    return [
      ['p0', whole.p0, { 'one priority for all': flat.p0 }],
      ['p1', whole.p1, { 'one priority for all': flat.p1 }],
      ['inversions', whole.inversions, {}],
    ]
  },
  T7: (isShort) => {
    const whole = schools({ isShort })
    const blind = schools({ isShort, schools: 'unknown' })
    return [
      ['jain', whole.jain, { 'schools unknown': blind.jain }],
      ['othersLose', whole.othersLose, { 'schools unknown': blind.othersLose }],
    ]
  },
}
