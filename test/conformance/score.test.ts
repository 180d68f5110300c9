import { test } from 'tap'
import { resultsOf, scoreLine, scoreOf, type Waiver } from './score.ts'

const suites: SuiteOfCases[] = [
  {
    id: 's',
    name: 'S',
    tests: [
      { id: 'a', name: 'A' },
      { id: 'b', name: 'B', depends_on: ['a'] },
      { id: 'c', name: 'C', kind: 'optimal' },
      { id: 'd', name: 'D', kind: 'check' },
      { id: 'e', name: 'E', browser_only: true },
    ],
  },
]
const waive = (id: string, ground: Waiver['ground'] = 'promise'): Waiver => ({
  id,
  ground,
  reason: 'r',
  link: 'l',
})

test('a case whose prerequisite failed has failed, as the suite counts', async (t) => {
  const failed = resultsOf(suites, { a: ['Assertion', 'no'], b: true, c: true, d: true })
  t.same(
    failed.map(({ id, failure }) => [id, failure]),
    [
      ['a', 'Assertion: no'],
      ['b', 'depends on a'],
      ['c', null],
      ['d', null],
    ],
  )
  t.equal(resultsOf(suites, { a: true, b: true })[2]?.failure, 'not run')
})

test('what fails without a waiver is unexpected, and a waiver that is not needed is idle', async (t) => {
  const results = resultsOf(suites, { a: true, b: ['Assertion', 'no'], c: ['Setup', 'no'] })
  const score = scoreOf(results, [waive('c', 'rfc'), waive('a'), waive('gone')])
  t.same(
    score.unexpected.map(({ id }) => id),
    ['b'],
    'a check is only a question',
  )
  t.same(score.idleWaivers, ['a', 'gone'])
  t.equal(scoreLine(score), 'required 1/2 optimal 0/1 (against the RFC: 0 required, 1 optimal)')
})
