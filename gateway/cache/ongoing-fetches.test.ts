import { test } from 'tap'
import { OngoingFetches } from './ongoing-fetches.ts'
import { resourceTag, schoolTag } from './purge-tags.ts'

const news = resourceTag('https://ent.example/news')
const school = schoolTag('s1')

test('a fetch is outdated by a purge of one of its tags after it began, and by no other', async (t) => {
  const ongoing = new OngoingFetches()
  const early = ongoing.begin()
  ongoing.outdate(school)
  const late = ongoing.begin()
  t.ok(ongoing.isOutdated(early, [news, school]))
  t.notOk(ongoing.isOutdated(early, [news]))
  t.notOk(ongoing.isOutdated(late, [news, school]), 'it began after the purge')
  ongoing.outdate(school)
  t.ok(ongoing.isOutdated(late, [school]), 'a second purge counts too')
})

test('a purge while nothing is fetched outdates nothing later', async (t) => {
  const ongoing = new OngoingFetches()
  ongoing.end(ongoing.begin())
  ongoing.outdate(news)
  t.notOk(ongoing.isOutdated(ongoing.begin(), [news]))
})

test('past its bound it takes fetches for outdated rather than forget a purge', async (t) => {
  const ongoing = new OngoingFetches()
  const early = ongoing.begin()
  ongoing.outdate(news)
  for (let i = 0; i < 9_999; i += 1) ongoing.outdate(schoolTag(`s${i}`))
  t.notOk(ongoing.isOutdated(early, [resourceTag('https://ent.example/other')]), 'at the bound')
  const late = ongoing.begin()
  ongoing.outdate(schoolTag('one more'))
  t.ok(ongoing.isOutdated(early, [resourceTag('https://ent.example/other')]))
  t.notOk(ongoing.isOutdated(late, [news]), 'what began later knows all since')
  ongoing.end(early)
  ongoing.end(late)
  t.notOk(ongoing.isOutdated(ongoing.begin(), [news]))
})
