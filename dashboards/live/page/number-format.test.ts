import { test } from 'tap'
import { formatFigure, type Unit } from './number-format.ts'

const rows: { value: number | null; unit: Unit; fr: string; en: string }[] = [
  { value: null, unit: 'count', fr: '—', en: '—' },
  { value: 0, unit: 'count', fr: '0', en: '0' },
  { value: 12_345, unit: 'count', fr: '12\u202f345', en: '12,345' },
  { value: 0.25, unit: 'perSecond', fr: '0,3', en: '0.3' },
  { value: 1_234.4, unit: 'perSecond', fr: '1\u202f234', en: '1,234' },
  { value: 0.004, unit: 'ratio', fr: '0,4\u202f%', en: '0.4\u202f%' },
  { value: 1, unit: 'ratio', fr: '100\u202f%', en: '100\u202f%' },
  { value: 0.84, unit: 'ms', fr: '0,8\u00a0ms', en: '0.8\u00a0ms' },
  { value: 999.4, unit: 'ms', fr: '999\u00a0ms', en: '999\u00a0ms' },
  { value: 1_500, unit: 'ms', fr: '1,5\u00a0s', en: '1.5\u00a0s' },
  { value: 61, unit: 'seconds', fr: '1\u00a0min\u00a01\u00a0s', en: '1\u00a0min\u00a01\u00a0s' },
]

for (const { value, unit, fr, en } of rows) {
  test(`${value} as ${unit} is ${en}`, async (t) => {
    t.equal(formatFigure(value, unit, 'fr'), fr)
    t.equal(formatFigure(value, unit, 'en'), en)
  })
}
