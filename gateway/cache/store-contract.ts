import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import { groupTag, type PurgeTag, resourceTag, restrictedTag, schoolTag } from './purge-tags.ts'
import { type StoredAnswer, storedAnswer } from './stored-answer.ts'

/** An entry for checks: `bytes` of body under `resource`, in the groups of this field value. */
export function sampleEntry(resource: string, bytes = 10, groups = ''): StoredAnswer {
  const at = 0 as MonotonicMs
  const end = 60_000 as MonotonicMs
  return storedAnswer({
    resource,
    originLines: ['Content-Type', 'text/plain', 'Cache-Groups', groups],
    body: new Uint8Array(bytes),
    receivedAtMs: 0 as WallMs,
    timeline: {
      bornAtMs: at,
      storedAtMs: at,
      freshUntilMs: end,
      refreshUntilMs: end,
      errorUntilMs: end,
    },
  })
}

/** A store as the contract sees it: it may answer later, and say "nothing" in its own way. */
export interface ContractStore {
  get(key: string): Eventually<StoredAnswer | null | undefined>
  set(key: string, entry: StoredAnswer): unknown
  delete(key: string): unknown
  purge(tag: PurgeTag): unknown
}

type Eventually<T> = T | Promise<T>

const [k, l, m] = ['k', 'l', 'm'].map((name) => `public\nbr\n${name}`) as [string, string, string]
const scoped = ['role pupil', 'school s1', 'group s1\tc1', 'school s2', 'public'].map(
  (scope) => `${scope}\nbr\n/a`,
)

async function present(store: ContractStore, keys: readonly string[]): Promise<readonly boolean[]> {
  const found: boolean[] = []
  for (const key of keys) found.push(Boolean(await store.get(key)))
  return found
}

/** What every store must do; each claim is observed on a new store of at least 64 KiB. */
export const storeClaims: readonly {
  readonly claim: string
  observe(store: ContractStore): Promise<unknown>
  readonly expect: unknown
}[] = [
  {
    claim: 'gives back what was set',
    observe: async (store) => {
      store.set(k, sampleEntry('/a', 7))
      const found = await store.get(k)
      return [found?.resource, found?.body.byteLength, found?.lines[1]]
    },
    expect: ['/a', 7, 'text/plain'],
  },
  {
    claim: 'has nothing under a key that was never set',
    observe: (store) => present(store, [k]),
    expect: [false],
  },
  {
    claim: 'gives the newest entry of a key',
    observe: async (store) => {
      store.set(k, sampleEntry('/a', 1))
      store.set(k, sampleEntry('/a', 2))
      return (await store.get(k))?.body.byteLength
    },
    expect: 2,
  },
  {
    claim: 'forgets a deleted key and only that',
    observe: async (store) => {
      store.set(k, sampleEntry('/a'))
      store.set(l, sampleEntry('/a'))
      store.delete(k)
      return present(store, [k, l])
    },
    expect: [false, true],
  },
  {
    claim: 'purges every entry of a resource and none of another, RFC 9111 §4.4',
    observe: async (store) => {
      store.set(k, sampleEntry('/a'))
      store.set(l, sampleEntry('/a'))
      store.set(m, sampleEntry('/ab'))
      store.purge(resourceTag('/a'))
      return present(store, [k, l, m])
    },
    expect: [false, false, true],
  },
  {
    claim: 'purges a cache group of one origin and none of another, RFC 9875 §2.1',
    observe: async (store) => {
      store.set(k, sampleEntry('https://ent.example/a', 1, '"news", "home"'))
      store.set(l, sampleEntry('https://ent.example/b', 1, '"news"'))
      store.set(m, sampleEntry('https://other.example/a', 1, '"news"'))
      store.purge(groupTag('https://ent.example', 'news'))
      return present(store, [k, l, m])
    },
    expect: [false, false, true],
  },
  {
    claim: 'purges what a school shares, whatever the resource',
    observe: async (store) => {
      for (const key of scoped) store.set(key, sampleEntry(`/${key}`))
      store.purge(schoolTag('s1'))
      return present(store, scoped)
    },
    expect: [true, false, false, true, true],
  },
  {
    claim: 'purges everything that is not public, and nothing that is',
    observe: async (store) => {
      for (const key of scoped) store.set(key, sampleEntry('/a'))
      store.purge(restrictedTag)
      return present(store, scoped)
    },
    expect: [false, false, false, false, true],
  },
  {
    claim: 'knows an entry by the groups of its newest answer alone',
    observe: async (store) => {
      store.set(k, sampleEntry('https://ent.example/a', 1, '"old"'))
      store.set(k, sampleEntry('https://ent.example/a', 1, '"new"'))
      store.purge(groupTag('https://ent.example', 'old'))
      const before = await present(store, [k])
      store.purge(groupTag('https://ent.example', 'new'))
      return [...before, ...(await present(store, [k]))]
    },
    expect: [true, false],
  },
  {
    claim: 'keeps what was stored after a purge',
    observe: async (store) => {
      store.set(k, sampleEntry('/a'))
      store.purge(resourceTag('/a'))
      store.set(k, sampleEntry('/a'))
      return present(store, [k])
    },
    expect: [true],
  },
  {
    claim: 'does not keep the old entry when the new one cannot fit',
    observe: async (store) => {
      store.set(k, sampleEntry('/a', 10))
      store.set(k, sampleEntry('/a', 2 ** 26))
      return present(store, [k])
    },
    expect: [false],
  },
  {
    claim: 'still purges a key after an entry that could not fit',
    observe: async (store) => {
      store.set(k, sampleEntry('/a', 2 ** 26))
      store.set(k, sampleEntry('/a', 10))
      store.purge(resourceTag('/a'))
      return present(store, [k])
    },
    expect: [false],
  },
]
