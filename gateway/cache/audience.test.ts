import { test } from 'tap'
import type { Audience } from '../policy/policy.ts'
import { narrower, scopeOf } from './audience.ts'
import { codingSetOf, fitsCodingSet } from './codings.ts'

test('the narrower of two audiences is only people of both', async (t) => {
  const rows: [Audience, Audience, Audience][] = [
    ['public', 'public', 'public'],
    ['public', 'role', 'role'],
    ['public', 'user', 'user'],
    ['school', 'school', 'school'],
    ['school', 'group', 'group'],
    ['school', 'role', 'user'],
    ['group', 'role', 'user'],
    ['group', 'user', 'user'],
  ]
  for (const [one, other, expect] of rows) {
    t.equal(narrower(one, other), expect, `${one} and ${other}`)
    t.equal(narrower(other, one), expect, `${other} and ${one}`)
  }
})

test('who is not known to belong has no scope', async (t) => {
  const principal = { user: 'u1', school: null, role: null, groups: ['c1', 'c2'] }
  const rows: [Audience, typeof principal | null, string, string | null][] = [
    ['public', null, '/x', 'public'],
    ['school', null, '/x', null],
    ['school', principal, '/x', null],
    ['role', principal, '/x', null],
    ['group', null, '/classes/c1', null],
    ['group', principal, '/classes/c1', 'group \tc1'],
    ['group', principal, '/classes/c3', null],
    ['group', principal, '/classes/c11', null],
    ['group', principal, '/c2/of/c1', 'group \tc2\tc1'],
    ['user', principal, '/x', null],
  ]
  for (const [audience, who, path, expect] of rows) {
    t.equal(
      scopeOf(audience, { principal: who, path, ownScope: null }),
      expect,
      `${audience} ${path}`,
    )
  }
})

test('a client falls in the set of codings that it takes for sure, RFC 9110 §12.5.3', async (t) => {
  const rows: [string, string][] = [
    ['', 'identity'],
    ['*', 'identity'],
    ['gzip, deflate, br, zstd', 'br-gzip'],
    ['BR;q=0.5,GZIP;q=1', 'br-gzip'],
    ['gzip;q=0, br', 'identity'],
    ['gzip, br;q=0.000', 'gzip'],
    ['gzip;q=x', 'identity'],
    ['br', 'identity'],
  ]
  for (const [text, expect] of rows) t.equal(codingSetOf(text), expect, text)
  t.notOk(fitsCodingSet('zstd', 'br-gzip'))
  t.notOk(fitsCodingSet('gzip, br', 'br-gzip'))
  t.ok(fitsCodingSet(undefined, 'identity'))
})
