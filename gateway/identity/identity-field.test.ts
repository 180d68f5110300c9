import { test } from 'tap'
import { identityStatement } from './identity-field.ts'

const rows: { what: string; members: [string, unknown][]; expect: unknown }[] = [
  {
    what: 'names a person',
    members: [
      ['user', 'u17'],
      ['school', 's3'],
      ['role', 'pupil'],
      ['groups', ['c40', 'c41']],
    ],
    expect: { user: 'u17', school: 's3', role: 'pupil', groups: ['c40', 'c41'] },
  },
  {
    what: 'names a user alone',
    members: [['user', 'u17']],
    expect: { user: 'u17', school: null, role: null, groups: [] },
  },
  { what: 'is empty', members: [], expect: null },
  { what: 'forgets the user', members: [['school', 's3']], expect: null },
  { what: 'has an empty user', members: [['user', '']], expect: null },
  { what: 'has a number for a user', members: [['user', 17]], expect: null },
  { what: 'has a name longer than a key', members: [['user', 'u'.repeat(129)]], expect: null },
  {
    what: 'holds members of other kinds',
    members: [
      ['user', 'u'.repeat(128)],
      ['school', 3],
      ['groups', ['c1', 2, '']],
      ['other', 'x'],
    ],
    expect: { user: 'u'.repeat(128), school: null, role: null, groups: ['c1'] },
  },
]

for (const { what, members, expect } of rows) {
  test(`an identity that ${what} ${expect ? 'binds' : 'changes nothing'}`, async (t) => {
    const statement = identityStatement(new Map(members))
    t.same(statement, expect ? { kind: 'bound', principal: expect } : { kind: 'malformed' })
  })
}
