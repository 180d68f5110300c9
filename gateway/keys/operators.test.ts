import { test } from 'tap'
import { isOperatorName, type KnownOperators, operatorOf } from './operators.ts'

const known: KnownOperators = {
  tokens: [
    { name: 'Ada', role: 'act', sha256: 'aa' },
    { name: 'Basile', role: 'view', sha256: 'bb' },
  ],
  ssoActors: ['claire'],
}

const rows = [
  { what: 'nothing shown', shown: {}, who: null },
  { what: 'a token that may act', shown: { tokenSha256: 'aa' }, who: { name: 'Ada', role: 'act' } },
  {
    what: 'one that may view',
    shown: { tokenSha256: 'bb' },
    who: { name: 'Basile', role: 'view' },
  },
  { what: 'an unknown one', shown: { tokenSha256: 'cc' }, who: null },
  {
    what: 'an unknown one beside a good name',
    shown: { tokenSha256: 'cc', ssoUser: 'claire' },
    who: null,
  },
  {
    what: 'somebody who may act',
    shown: { ssoUser: 'claire' },
    who: { name: 'claire', role: 'act' },
  },
  { what: 'somebody else', shown: { ssoUser: 'denis' }, who: { name: 'denis', role: 'view' } },
  { what: 'a name of two lines', shown: { ssoUser: 'claire\nroot' }, who: null },
  { what: 'an empty name', shown: { ssoUser: '' }, who: null },
]

for (const { what, shown, who } of rows) {
  test(`${what}: ${who === null ? 'nobody' : `${who.name} may ${who.role}`}`, async (t) => {
    t.same(operatorOf({ tokenSha256: null, ssoUser: null, ...shown }, known), who)
  })
}

test('names are what people are called', async (t) => {
  for (const name of ['Zoé', 'jean-luc.o’neil@ac-rouen.fr', 'Équipe de nuit 2']) {
    t.ok(isOperatorName(name), name)
  }
  for (const name of ['', ' x', '"', 'a'.repeat(65), 'a\u202eb', 'a\tb'])
    t.notOk(isOperatorName(name))
})
