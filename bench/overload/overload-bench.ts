import type { Bench, Figure } from '../bench.ts'
import { figureText, textTable } from '../text-table.ts'
import { portalKindsAlike } from './crowd.ts'
import { gradient2 } from './gradient2.ts'
import { fourWays, type SurgeFigures } from './real/four-way-process.ts'
import { overloadMarks, overloadRows } from './marks.ts'
import { longOverload, plateau, priorities, schools, stepResponse, triedRules } from './trials.ts'
import { type Cell, metastability, worstRatio } from './triggers.ts'

type Row = (typeof overloadRows)[number]

/**
 * The gate in virtual time, where a day of overload takes seconds; and on real sockets, beside what
 * others put before a portal.
 */
export const overloadBench: Bench = {
  rows: overloadRows,
  marks: overloadMarks,
  run: async ({ isShort, only, say }) => {
    const figures: Figure[] = []
    const lines: string[][] = [['trial', 'figure', 'the gate', 'beside it', '']]
    const tables: string[] = []
    for (const row of overloadRows) {
      if (only.length > 0 && !only.includes(row)) continue
      say(`${row} …`)
      if (row === 'sockets') {
        const four = await fourWays({ isShort, say })
        figures.push(...socketFigures(four))
        tables.push('', ...socketTable(four))
        continue
      }
      if (row === 'T4') {
        const cells = metastability({ isShort })
        const bare = metastability({ isShort, rules: null })
        figures.push({
          id: 'T4.worst',
          value: worstRatio(cells),
          peers: { 'no gate': worstRatio(bare) },
        })
        tables.push('', ...triggerMap(cells), '', ...triggerMap(bare, 'without a gate'))
        continue
      }
      for (const [name, value, peers] of trials[row](isShort)) {
        figures.push({ id: `${row}.${name}`, value, peers })
        for (const [peer, other] of Object.entries(peers))
          lines.push([row, name, figureText(value), figureText(other), peer])
      }
    }
    return { lines: [...textTable(lines), ...tables], figures }
  },
}

type Measured = readonly [name: string, value: number, peers: Readonly<Record<string, number>>]

/** Each trial, beside the same with one thing off. */
const trials: Readonly<
  Record<Exclude<Row, 'T4' | 'sockets'>, (isShort: boolean) => readonly Measured[]>
> = {
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

/** A row for each trigger, a column for each load. */
function triggerMap(cells: readonly Cell[], title = 'goodput over the load'): string[] {
  const loads = [...new Set(cells.map(({ load }) => load))]
  const names = [...new Set(cells.map(({ trigger }) => trigger))]
  const rows = names.map((name) => [
    name,
    ...cells.filter(({ trigger }) => trigger === name).map(({ ratio }) => figureText(ratio)),
  ])
  return textTable([[title, ...loads.map((load) => `at ${load}`)], ...rows])
}

type FourWays = Awaited<ReturnType<typeof fourWays>>

const own = 'Écluse'

function socketFigures(four: FourWays): Figure[] {
  const ours = four.get(own) as SurgeFigures
  const others = [...four].filter(([name]) => name !== own)
  return Object.entries(ours).map(([name, value]) => ({
    id: `sockets.${name}`,
    value,
    peers: Object.fromEntries(
      others.map(([peer, { [name as keyof SurgeFigures]: of }]) => [peer, of]),
    ),
  }))
}

function socketTable(four: FourWays): string[] {
  const names = Object.keys(four.get(own) as SurgeFigures) as (keyof SurgeFigures)[]
  const rows = names.map((name) => [name, ...[...four.values()].map((of) => figureText(of[name]))])
  return textTable([['on sockets', ...four.keys()], ...rows])
}
