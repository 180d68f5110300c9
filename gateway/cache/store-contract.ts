import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import type { CacheStore } from './cache-store.ts'
import { groupTag, resourceTag, restrictedTag, schoolTag } from './purge-tags.ts'
import { type StoredAnswer, storedAnswer } from './stored-answer.ts'

/** An entry for checks: `bytes` of body under `resource`, in the groups of this field value. */
export function sampleEntry(resource: string, bytes = 10, groups = ''): StoredAnswer {
  const at = 0 as MonotonicMs
  return storedAnswer({
    resource,
    originLines: ['Content-Type', 'text/plain', 'Cache-Groups', groups],
    body: new Uint8Array(bytes),
    receivedAtMs: 0 as WallMs,
    timeline: {
      bornAtMs: at,
      storedAtMs: at,
      freshUntilMs: at,
      refreshUntilMs: at,
      errorUntilMs: at,
    },
  })
}

/** What every store must do; each claim is observed on a new store of at least 64 KiB. */
export const storeClaims: readonly {
  readonly claim: string
  observe(store: CacheStore): unknown
  readonly expect: unknown
}[] = [
  {
    claim: 'gives back what was set',
    observe: (store) => {
      const entry = sampleEntry('/a')
      store.set('k', entry)
      return store.get('k') === entry
    },
    expect: true,
  },
  {
    claim: 'has nothing under a key that was never set',
    observe: (store) => store.get('k'),
    expect: undefined,
  },
  {
    claim: 'gives the newest entry of a key',
    observe: (store) => {
      store.set('k', sampleEntry('/a', 1))
      store.set('k', sampleEntry('/a', 2))
      return store.get('k')?.body.byteLength
    },
    expect: 2,
  },
  {
    claim: 'forgets a deleted key and only that',
    observe: (store) => {
      store.set('k', sampleEntry('/a'))
      store.set('l', sampleEntry('/a'))
      store.delete('k')
      return [store.get('k'), store.get('l') !== undefined]
    },
    expect: [undefined, true],
  },
  {
    claim: 'purges every entry of a resource and none of another, RFC 9111 §4.4',
    observe: (store) => {
      store.set('k', sampleEntry('/a'))
      store.set('l', sampleEntry('/a'))
      store.set('m', sampleEntry('/ab'))
      store.purge(resourceTag('/a'))
      return [store.get('k'), store.get('l'), store.get('m') !== undefined]
    },
    expect: [undefined, undefined, true],
  },
  {
    claim: 'purges a cache group of one origin and none of another, RFC 9875 §2.1',
    observe: (store) => {
      store.set('k', sampleEntry('https://ent.example/a', 1, '"news", "home"'))
      store.set('l', sampleEntry('https://ent.example/b', 1, '"news"'))
      store.set('m', sampleEntry('https://other.example/a', 1, '"news"'))
      store.purge(groupTag('https://ent.example', 'news'))
      return ['k', 'l', 'm'].filter((key) => store.get(key))
    },
    expect: ['m'],
  },
  {
    claim: 'purges what a school shares, whatever the resource',
    observe: (store) => {
      store.set('school s1\nbr\n/a', sampleEntry('/a'))
      store.set('group s1\tc1\nbr\n/b', sampleEntry('/b'))
      store.set('school s2\nbr\n/a', sampleEntry('/a'))
      store.set('public\nbr\n/a', sampleEntry('/a'))
      store.purge(schoolTag('s1'))
      return [
        'school s1\nbr\n/a',
        'group s1\tc1\nbr\n/b',
        'school s2\nbr\n/a',
        'public\nbr\n/a',
      ].map((key) => store.get(key) !== undefined)
    },
    expect: [false, false, true, true],
  },
  {
    claim: 'purges everything that is not public, and nothing that is',
    observe: (store) => {
      const keys = [
        'role pupil\nbr\n/a',
        'school s1\nbr\n/a',
        'group s1\tc1\nbr\n/a',
        'public\nbr\n/a',
      ]
      for (const key of keys) store.set(key, sampleEntry('/a'))
      store.purge(restrictedTag)
      return keys.map((key) => store.get(key) !== undefined)
    },
    expect: [false, false, false, true],
  },
  {
    claim: 'knows an entry by the groups of its newest answer alone',
    observe: (store) => {
      store.set('k', sampleEntry('https://ent.example/a', 1, '"old"'))
      store.set('k', sampleEntry('https://ent.example/a', 1, '"new"'))
      store.purge(groupTag('https://ent.example', 'old'))
      const isThere = store.get('k') !== undefined
      store.purge(groupTag('https://ent.example', 'new'))
      return [isThere, store.get('k')]
    },
    expect: [true, undefined],
  },
  {
    claim: 'keeps what was stored after a purge',
    observe: (store) => {
      store.set('k', sampleEntry('/a'))
      store.purge(resourceTag('/a'))
      store.set('k', sampleEntry('/a'))
      return store.get('k') !== undefined
    },
    expect: true,
  },
  {
    claim: 'does not keep the old entry when the new one cannot fit',
    observe: (store) => {
      store.set('k', sampleEntry('/a', 10))
      store.set('k', sampleEntry('/a', 2 ** 26))
      return store.get('k')
    },
    expect: undefined,
  },
  {
    claim: 'still purges a key after an entry that could not fit',
    observe: (store) => {
      store.set('k', sampleEntry('/a', 2 ** 26))
      store.set('k', sampleEntry('/a', 10))
      store.purge(resourceTag('/a'))
      return store.get('k')
    },
    expect: undefined,
  },
]
