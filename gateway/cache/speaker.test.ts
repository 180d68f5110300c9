import { test } from 'tap'
import { aYear, decided, declared, type Row } from './storability-fixture.ts'

test('who decides on audience and lifetime when an answer is stored', async (t) => {
  const browsersOnly = { 'cache-control': 'private, no-cache' }
  const rows: Row[] = [
    {
      when: 'the class, where nothing is said',
      audience: 'public',
      fields: {},
      expect: 'public 30',
    },
    {
      when: 'the answer over its public class',
      audience: 'public',
      fields: aYear,
      expect: 'public 31536000',
    },
    {
      when: 's-maxage over max-age, RFC 9111 §4.2.1',
      audience: 'public',
      fields: { 'cache-control': 'max-age=9, s-maxage=8' },
      expect: 'public 8',
    },
    {
      when: 'a class of people over what is said to browsers',
      audience: 'school',
      fields: browsersOnly,
      expect: 'school 30',
    },
    {
      when: 'the targeted field over all',
      audience: 'school',
      fields: { ...browsersOnly, ...declared },
      expect: 'school 15',
    },
    {
      when: 'the targeted field over no-store',
      audience: null,
      fields: { 'cache-control': 'no-store', ...declared },
      expect: 'school 15',
    },
    {
      when: 'must-understand over the no-store beside it, RFC 9111 §5.2.2.3',
      audience: 'public',
      fields: { 'cache-control': 'max-age=9, no-store, must-understand' },
      expect: 'public 9',
    },
    {
      when: 'what credentials opened and the answer gives to all, RFC 9111 §3.5',
      audience: 'public',
      fields: { 'cache-control': 'max-age=9, public' },
      isAuthorized: true,
      expect: 'public 9',
    },
    {
      when: 'an error for no longer than its class keeps errors',
      audience: 'public',
      status: 404,
      rules: { otherStatusSeconds: 7 },
      fields: aYear,
      expect: 'public 7',
    },
    {
      when: 'what must be asked for each time, for its validator',
      audience: 'public',
      fields: { 'cache-control': 'no-cache, max-age=60', etag: '"a"' },
      expect: 'public 0',
    },
    {
      when: 'a coding the portal gives to whoever asks like this',
      audience: 'public',
      fields: { 'content-encoding': 'zstd' },
      expect: 'public 30',
    },
    {
      when: 'a file under its own name',
      audience: 'public',
      path: '/theme/main.css',
      rules: { contentTypes: ['text/css', 'image/*'] },
      fields: { 'content-type': 'Text/CSS; charset=utf-8' },
      expect: 'public 30',
    },
    {
      when: 'the narrower audience: the class’s',
      audience: 'group',
      fields: declared,
      expect: 'group 15',
    },
    {
      when: 'the narrower audience: the answer’s',
      audience: 'public',
      fields: declared,
      expect: 'school 15',
    },
  ]
  for (const row of rows) t.equal(decided(row), row.expect, row.when)
})
