import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import type { CacheStore } from './cache-store.ts'
import { type StoredAnswer, storedAnswer } from './stored-answer.ts'

/** An entry for checks: `bytes` of body under `resource`. */
export function sampleEntry(resource: string, bytes = 10): StoredAnswer {
  const at = 0 as MonotonicMs
  return storedAnswer({
    resource,
    originLines: ['Content-Type', 'text/plain'],
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
    claim: 'invalidates every entry of a resource and none of another, RFC 9111 §4.4',
    observe: (store) => {
      store.set('k', sampleEntry('/a'))
      store.set('l', sampleEntry('/a'))
      store.set('m', sampleEntry('/ab'))
      store.invalidate('/a')
      return [store.get('k'), store.get('l'), store.get('m') !== undefined]
    },
    expect: [undefined, undefined, true],
  },
  {
    claim: 'keeps what was stored after an invalidation',
    observe: (store) => {
      store.set('k', sampleEntry('/a'))
      store.invalidate('/a')
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
    claim: 'still invalidates a key after an entry that could not fit',
    observe: (store) => {
      store.set('k', sampleEntry('/a', 2 ** 26))
      store.set('k', sampleEntry('/a', 10))
      store.invalidate('/a')
      return store.get('k')
    },
    expect: undefined,
  },
]
