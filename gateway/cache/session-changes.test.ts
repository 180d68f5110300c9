import { test } from 'tap'
import { SessionChanges } from './session-changes.ts'

test('a session has changed while a change is in flight, and for whoever came before its end', async (t) => {
  const changes = new SessionChanges()
  const before = changes.now
  t.notOk(changes.hasChangedSince('a', before), 'nothing happened')
  const end = changes.begin('a')
  const during = changes.now
  t.ok(changes.hasChangedSince('a', before))
  t.ok(changes.hasChangedSince('a', during), 'in flight')
  t.notOk(changes.hasChangedSince('b', before), 'of another session')
  t.notOk(changes.hasChangedSince(null, before), 'of nobody')
  end()
  t.ok(changes.hasChangedSince('a', during), 'who came during it')
  t.notOk(changes.hasChangedSince('a', changes.now), 'who comes after it')
})

test('of two changes in flight the last to end counts', async (t) => {
  const changes = new SessionChanges()
  const [endOne, endOther] = [changes.begin('a'), changes.begin('a')]
  endOther()
  t.ok(changes.hasChangedSince('a', changes.now))
  endOne()
  t.notOk(changes.hasChangedSince('a', changes.now))
})

test('what was forgotten counts as changed for whoever came before', async (t) => {
  const changes = new SessionChanges()
  const early = changes.now
  for (let number = 0; number < 200_001; number += 1) changes.begin(`s${number}`)()
  t.ok(changes.hasChangedSince('s0', early))
  t.ok(changes.hasChangedSince('never seen', early), 'it may be one of the forgotten')
  t.notOk(changes.hasChangedSince('s0', changes.now))
})
