import { test } from 'tap'
import { emptyModel, figureOf, hear } from './model.ts'

const hello = {
  name: 'hello',
  data: {
    feed: 1,
    kind: 'rehearsal',
    figures: ['a', 'aroundGoodRatio'],
    arms: ['direct', 'edge'],
    you: { name: 'Ada', may: 'act' },
  },
}

test('after a lost connection the feed says everything again, and nothing is there twice', async (t) => {
  const model = emptyModel()
  for (let time = 0; time < 2; time += 1) {
    hear(model, hello)
    hear(model, { name: 'past', data: { arm: 'edge', rows: [[1_000, 1, null]] } })
    hear(model, { name: 'notes', data: [{ at: '', who: 'Ada', did: 'x' }] })
    hear(model, { name: 'row', data: { arm: 'edge', row: [2_000, 2, 1] } })
  }
  t.equal(model.arms.get('edge')?.atSeconds.length, 2)
  t.equal(model.notes.length, 1)
  t.match(model, { connection: 'open', newestAtMs: 2_000, you: { name: 'Ada' } })
})

test('a figure is that of the arm asked for, and a probe’s lasts until the next', async (t) => {
  const model = emptyModel()
  hear(model, hello)
  hear(model, { name: 'row', data: { arm: 'edge', row: [1_000, 5, 0] } })
  hear(model, { name: 'row', data: { arm: 'edge', row: [2_000, null, null] } })
  hear(model, { name: 'row', data: { arm: 'nobody', row: [3_000, 9, 1] } })
  t.equal(figureOf(model, 'edge:a'), null)
  t.equal(figureOf(model, 'edge:aroundGoodRatio'), 0)
  t.equal(figureOf(model, 'a'), null)
})

test('what a later feed says beside is left aside', async (t) => {
  const model = emptyModel()
  hear(model, hello)
  hear(model, { name: 'weather', data: 'fine' })
  hear(model, { name: 'state', data: {} })
  t.equal(model.rehearsal, null)
  hear(model, { name: 'state', data: { arm: 'edge', phase: 'peak' } })
  t.equal(model.rehearsal?.phase, 'peak')
})

test('while one arm plays, the other shows the same second of its own run', async (t) => {
  const model = emptyModel()
  hear(model, hello)
  for (const second of [0, 1, 2]) {
    hear(model, { name: 'row', data: { arm: 'direct', row: [second * 1_000, second, null] } })
  }
  hear(model, { name: 'state', data: { arm: 'edge', verdict: null } })
  hear(model, { name: 'row', data: { arm: 'edge', row: [50_000, 7, null] } })
  hear(model, { name: 'row', data: { arm: 'edge', row: [51_000, 8, null] } })
  t.equal(figureOf(model, 'direct:a'), 1)
  t.equal(figureOf(model, 'edge:a'), 8)
})
