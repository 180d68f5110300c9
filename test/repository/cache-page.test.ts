import { test } from 'tap'
import { bypassReasons } from '../../gateway/cache/question.ts'
import { notStoredReasons } from '../../gateway/cache/storability.ts'
import { differences } from './documented.ts'
import { tableUnder } from './markdown.ts'
import { textOf } from './sources.ts'

const page = textOf('docs/cache.md')
const documented = (heading: string): string[] =>
  tableUnder(page, heading).map(([name = '']) => name.replaceAll('`', ''))

test('every reason for not storing an answer is documented', async (t) => {
  const inDocs = documented('Why an answer is not stored')
  t.same(differences({ inCode: notStoredReasons, inDocs }), [])
})

test('every reason for not asking the cache is documented', async (t) => {
  const inDocs = documented('Why the cache is not asked')
  t.same(differences({ inCode: bypassReasons, inDocs }), [])
})
