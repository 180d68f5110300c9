import { test } from 'tap'
import { scopeOf } from './audience.ts'
import {
  groupTag,
  originOf,
  resourceTag,
  restrictedTag,
  schoolTag,
  tagsOf,
  tagsOfChange,
  tagsOfOrder,
} from './purge-tags.ts'

const principal = { user: 'u1', school: 's1', role: 'pupil', groups: ['c1'] }
const entry = { resource: 'https://ent.example/classes/c1', groups: [] }

test('an entry bears the tags of its resource, its groups and whose school it is', async (t) => {
  const rows = [
    ['public', []],
    ['role', [restrictedTag]],
    ['school', [restrictedTag, schoolTag('s1')]],
    ['group', [restrictedTag, schoolTag('s1')]],
  ] as const
  for (const [audience, tags] of rows) {
    const key = `${scopeOf(audience, { principal, path: '/classes/c1', ownScope: null })}\nbr\n${entry.resource}?`
    t.strictSame(tagsOf(key, entry), [resourceTag(entry.resource), ...tags], audience)
  }
  t.strictSame(tagsOf('public\nbr\n', { ...entry, groups: ['news', 'home'] }), [
    resourceTag(entry.resource),
    groupTag('https://ent.example', 'news'),
    groupTag('https://ent.example', 'home'),
  ])
})

test('tags of different kinds and origins are never equal', async (t) => {
  const tags = [
    resourceTag('https://ent.example/news'),
    groupTag('https://ent.example', 'news'),
    groupTag('https://ent.example:8443', 'news'),
    groupTag('http://ent.example', 'news'),
    schoolTag('news'),
    schoolTag('https://ent.example news'),
    restrictedTag,
  ]
  t.equal(new Set(tags).size, tags.length)
})

test('a change purges its resource and the groups its answer names, RFC 9875 §3', async (t) => {
  const resource = 'https://ent.example/save'
  const rows = [
    [[], []],
    [
      ['Cache-Group-Invalidation', '"news", "home"'],
      ['news', 'home'],
    ],
    [
      ['cache-group-invalidation', '"a"', 'Cache-Group-Invalidation', '"b"'],
      ['a', 'b'],
    ],
    [['Cache-Group-Invalidation', 'malformed'], []],
    [['Cache-Groups', '"news"'], []],
  ] as const
  for (const [lines, groups] of rows) {
    const expect = [
      resourceTag(resource),
      ...groups.map((name) => groupTag('https://ent.example', name)),
    ]
    t.strictSame(tagsOfChange(resource, lines), expect, lines.join(': '))
  }
})

test('an order names resources with either scheme and without query, groups and schools', async (t) => {
  const groups = [{ origin: 'https://ent.example', name: 'news' }]
  const urls = ['https://ent.example/news?page=2', 'http://ent.example/a#top']
  t.strictSame(tagsOfOrder({ urls, groups, schools: ['s1'] }), [
    resourceTag('https://ent.example/news'),
    resourceTag('http://ent.example/news'),
    resourceTag('https://ent.example/a'),
    resourceTag('http://ent.example/a'),
    groupTag('https://ent.example', 'news'),
    schoolTag('s1'),
  ])
})

test('the origin of a resource is its scheme and authority', async (t) => {
  t.equal(originOf('https://ent.example:8443/a/b'), 'https://ent.example:8443')
  t.equal(originOf('http://ent.example'), 'http://ent.example')
})
