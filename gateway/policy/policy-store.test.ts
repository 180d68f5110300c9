import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { openPolicy } from '../../test/support/exchange.ts'
import { loadPolicy } from './policy-reader-store.ts'
import { policyHolder } from './policy-store.ts'

const one = openPolicy
const two = { ...openPolicy, version: 2 }
const three = { ...openPolicy, version: 3 }

test('one policy is in force at a time, and the one before is known', async (t) => {
  const holder = policyHolder(one)
  t.equal(holder.current(), one)
  t.equal(holder.before(), undefined, 'there is none before the first')
  holder.swap(two)
  holder.swap(three)
  t.equal(holder.current(), three)
  t.equal(holder.before(), two)
})

test('the policy in force is on disk before it is in force', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-holder-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'last-good.json')
  const holder = policyHolder(one, file)
  holder.swap(two)
  t.match(loadPolicy(file), two)
  holder.swap(three)
  t.match(loadPolicy(file), three)
})

test('a policy that cannot be kept is not put in force', async (t) => {
  const holder = policyHolder(one, join(tmpdir(), 'ecluse-no-such-folder', 'last-good.json'))
  t.throws(() => holder.swap(two), { code: 'ENOENT' })
  t.equal(holder.current(), one)
})
