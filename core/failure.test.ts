import { test } from 'tap'
import { Failure, failureCode } from './failure.ts'

test('a failure is told by its code, whatever it says', async (t) => {
  const cause = new Error('refused')
  const failure = new Failure({ code: 'gone', message: 'They left.', source: 'client', cause })
  t.equal(failureCode(failure), 'gone')
  t.match(failure, { message: 'They left.', source: 'client', retryable: false, cause })
  t.notOk('cause' in new Failure({ code: 'a', message: 'b', source: 'origin' }))
})

test('what is not ours has no code', async (t) => {
  const system = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  for (const error of [system, { code: 'gone', name: 'Failure' }, 'gone', null, undefined]) {
    t.equal(failureCode(error), undefined)
  }
})
