import { test } from 'tap'
import { referencePortal } from '../portals/reference.ts'
import { schoolJourneys } from './school-journeys.ts'

test('every journey walks pages that exist and does writes that its pages offer', async (t) => {
  for (const [name, { steps }] of Object.entries(schoolJourneys)) {
    for (const { page, writes = {} } of steps) {
      const offered = referencePortal.pages[page]?.writes.map((write) => write.name)
      t.ok(offered, `${name}: ${page}`)
      const unknown = Object.keys(writes).filter((write) => !offered?.includes(write))
      t.same(unknown, [], `${name}: ${page}`)
    }
  }
})

test('steps are walked again only from an earlier step', async (t) => {
  for (const [name, { steps }] of Object.entries(schoolJourneys)) {
    steps.forEach(({ again }, i) => t.ok((again?.fromStep ?? 0) <= i, `${name}, step ${i}`))
  }
})
