import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { rehearse, tempFolder } from './rehearse-client.ts'

const direct = ['slow-database', '--arms', 'direct', '--scale', '0.01', '--minutes', '0.25']
const slots = /the stand-in has (\d+) database slots/

test('a larger surge, on a portal in trouble, meets a stand-in as large as before', async (t) => {
  const written = rehearse(t, [...direct, '--out', join(tempFolder(t), 'written')])
  await written.untilSeen(/ stand-in /)
  await written.signal('SIGTERM')
  await written.end
  const out = join(tempFolder(t), 'larger')
  const larger = rehearse(t, [...direct, '--pages', 'x9', '--out', out])
  const { status } = await larger.end
  // Without the disturbance's way to the stand-in the engine would refuse to play, and this be 1.
  t.ok([0, 3, 4].includes(Number(status)), `${status}: ${larger.errors()}`)
  const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as {
    readonly multipliers: { readonly pages: { readonly requested: number } }
  }
  t.ok(result.multipliers.pages.requested > 1, String(result.multipliers.pages.requested))
  t.match(larger.errors(), slots)
  t.equal(slots.exec(larger.errors())?.[1], slots.exec(written.errors())?.[1])
})
