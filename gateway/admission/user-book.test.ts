import { test } from 'tap'
import { hasRisen, noteShed, noteUse, usageLevel, UserBook } from './user-book.ts'

test('who uses far more than others of the school is told from them, and forgiven in time', async (t) => {
  const book = new UserBook()
  const others = Array.from({ length: 9 }, (_, i) => book.meet('a', `pupil ${i}`, 0))
  const one = book.meet('a', 'abuser', 0)
  for (const pupil of others) noteUse(pupil, 2_000, 0)
  const rows = [
    { usedMs: 12_000, atMs: 0, expect: 0, phrase: 'four times what everybody may use is usual' },
    { usedMs: 1, atMs: 0, expect: 1, phrase: 'one more is not' },
    { usedMs: 36_000, atMs: 0, expect: 2, phrase: 'sixteen times' },
    { usedMs: 0, atMs: 20_000, expect: 1, phrase: 'fading' },
    { usedMs: 0, atMs: 300_000, expect: 0, phrase: 'forgotten' },
    { usedMs: 0, atMs: 0, expect: 2, phrase: 'time going backwards forgives nothing' },
  ]
  for (const { usedMs, atMs, expect, phrase } of rows) {
    noteUse(one, usedMs, 0)
    t.equal(usageLevel(one, atMs), expect, phrase)
  }
  for (const pupil of others) t.equal(usageLevel(pupil, 0), 0)
})

test('a school at work is not full of abusers', async (t) => {
  const book = new UserBook()
  const people = Array.from({ length: 100 }, (_, i) => book.meet('a', `${i}`, 0))
  for (const person of people) noteUse(person, 20_000, 0)
  t.equal(people.filter((person) => usageLevel(person, 0) > 0).length, 0)
})

test('shed three times, a person rises for a minute; asking faster does not count', async (t) => {
  const person = new UserBook().meet('a', 'p', 0)
  for (let atMs = 0; atMs < 4_000; atMs += 10) noteShed(person, atMs)
  t.notOk(hasRisen(person, 4_000), 'hundreds of reloads count as two')
  noteShed(person, 4_000)
  t.ok(hasRisen(person, 4_000))
  t.ok(hasRisen(person, 63_999))
  t.notOk(hasRisen(person, 64_000), 'the exact end')
})

test('who was served in between begins again', async (t) => {
  const person = new UserBook().meet('a', 'p', 0)
  for (const atMs of [0, 2_000]) noteShed(person, atMs)
  noteUse(person, 100, 3_000)
  for (const atMs of [4_000, 6_000]) noteShed(person, atMs)
  t.notOk(hasRisen(person, 6_000))
})

test('people who went silent no longer count, and no flood of names fills the memory', async (t) => {
  const book = new UserBook()
  const { school } = book.meet('a', 'first', 0)
  book.meet('a', 'second', 299_999)
  book.meet('b', 'third', 300_000)
  t.equal(school.people, 2, 'both were there in the last generation')
  book.meet('a', 'second', 599_999)
  book.meet('b', 'third', 600_000)
  t.equal(school.people, 1, 'who was silent for a whole one is forgotten')
  for (let i = 0; i < 250_000; i += 1) book.meet('c', `${i}`, 600_000)
  t.ok(book.size <= 100_000, `${book.size} remembered`)
  t.equal(book.meet('c', '249999', 600_000), book.meet('c', '249999', 0), 'the newest among them')
})

test('a school and a user spell nobody else', async (t) => {
  const book = new UserBook()
  t.not(book.meet('ab', 'c', 0), book.meet('a', 'bc', 0))
  t.equal(book.meet('ab', 'c', 0), book.meet('ab', 'c', 1))
})
