import { test } from 'tap'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { databaseMsOf, pageDatabaseMs } from './service-model.ts'

test('a dynamic request of any page costs the database 80 to 130 ms on average', async (t) => {
  for (const [name, page] of Object.entries(referencePortal.pages)) {
    const pageMs = pageDatabaseMs({ ...page, writes: [] }, 'pupil')
    const meanMs = pageMs / (1 + page.data.length)
    t.ok(meanMs >= 80 && meanMs <= 130, `${name}: ${meanMs} ms`)
  }
})

test('the landing page costs 108 ms for each of its twenty requests', async (t) => {
  const { landing } = referencePortal.pages
  if (landing === undefined) throw new Error('the reference portal has no landing page')
  t.equal(pageDatabaseMs({ ...landing, writes: [] }, 'pupil'), 20 * 108)
})

test('writes count by the chance that a role does them', async (t) => {
  const { message } = referencePortal.pages
  if (message === undefined) throw new Error('the reference portal has no message page')
  const reads = 80 + 110 + 60
  t.equal(pageDatabaseMs(message, 'pupil'), reads + 0.9 * 40 + 0.15 * 110 + 20)
})

test('a service class the model does not know is a mistake, not free', async (t) => {
  t.throws(() => databaseMsOf('nothing'), /no service class nothing/)
})
