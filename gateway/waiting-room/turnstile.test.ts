import { test } from 'tap'
import { Turnstile } from './turnstile.ts'

test('people pass one after the other, a little faster than the pace', async (t) => {
  const turnstile = new Turnstile()
  turnstile.turn(10, 0)
  let passed = 0
  for (let atMs = 0; atMs < 10_000; atMs += 10) if (turnstile.pass(atMs)) passed += 1
  t.ok(passed >= 128 && passed <= 134, `${passed} in ten seconds at 13 a second`)
})

test('a quiet hour does not become a rush', async (t) => {
  const turnstile = new Turnstile()
  turnstile.turn(10, 0)
  let passed = 0
  while (turnstile.pass(3_600_000)) passed += 1
  t.equal(passed, 3, 'three tenths of a second at 13 a second')
})

test('a closed door lets one through at most, and time going backwards nobody', async (t) => {
  const turnstile = new Turnstile()
  turnstile.turn(0, 1_000)
  t.equal(turnstile.pass(1_000), true, 'the turn it began with')
  t.equal(turnstile.pass(0), false)
  t.equal(turnstile.pass(3_600_000), false)
})
