import { test } from 'tap'
import { buildPeople, roles } from './people.ts'
import { readScenario } from './scenario-store.ts'

const reading = await readScenario('closure-morning')
if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
const { profile } = reading

test('a twentieth of the profile has a twentieth of its accounts, schools and classes', async (t) => {
  const people = buildPeople(profile, 0.05)
  t.same(people.accounts, { pupil: 8_500, parent: 14_500, teacher: 1_500, staff: 500 })
  t.equal(people.schools, 17)
  t.equal(people.classes, 325)
})

test('four schools remain at any scale', async (t) => {
  t.equal(buildPeople(profile, 0.002).schools, 4)
})

test('nobody comes twice before everybody of the role came once', async (t) => {
  const people = buildPeople(profile, 0.01)
  const seen = new Set<number>()
  for (const role of roles) {
    for (let i = 0; i < people.accounts[role]; i += 1) seen.add(people.personOf(role, i).account)
  }
  t.equal(seen.size, 5_000, 'and no two roles share an account')
})

test('a class belongs to one school, and classes are of about 26 pupils', async (t) => {
  const people = buildPeople(profile, 0.05)
  const schoolOf = new Map<number, number>()
  let moved = 0
  const pupils = new Map<number, number>()
  for (const role of roles) {
    for (let i = 0; i < people.accounts[role]; i += 1) {
      const { classId, school } = people.personOf(role, i)
      if ((schoolOf.get(classId) ?? school) !== school) moved += 1
      schoolOf.set(classId, school)
      if (role === 'pupil') pupils.set(classId, (pupils.get(classId) ?? 0) + 1)
    }
  }
  t.equal(moved, 0)
  t.equal(new Set(schoolOf.values()).size, people.schools, 'every school has classes')
  t.ok([...pupils.values()].every((count) => count === 26 || count === 27))
})
