import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import type { CacheStore } from './cache-store.ts'
import { sealingKey } from './own-scope.ts'
import type { StoredAnswer } from './stored-answer.ts'

/**
 * People's own pages, for the seconds in which they ask again. Each is sealed (AES-256-GCM) under
 * a key derived (HKDF, RFC 5869) from the session cookie as the client sent it, which the edge
 * keeps nowhere: whoever has the memory of this process, or a name that two sessions share, has
 * nothing. What cannot be opened is a miss. About 15 microseconds a page of 2 kB.
 */
export class OwnPages {
  readonly #sealed: LRUCache<string, Buffer>
  // Of this process alone: what it sealed is worth nothing after its end.
  readonly #salt = randomBytes(32)

  /** Holds at most `maxBytes` of sealed pages; 0 holds none. */
  constructor(maxBytes: number) {
    this.#sealed = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: (sealed, name) => sealed.byteLength + 2 * name.length + entryOverheadBytes,
    })
  }

  /** The pages that this session's cookie opens. `bytes` are those of the shared store. */
  shelf(session: string, shared: Pick<CacheStore, 'bytes'>): CacheStore {
    const keyFor = (name: string): Uint8Array => {
      const { secret, info } = sealingKey(session, name)
      return new Uint8Array(hkdfSync('sha256', secret, this.#salt, info, 32))
    }
    return {
      get: (name) => {
        const sealed = this.#sealed.get(name)
        return sealed && opened(sealed, keyFor(name))
      },
      set: (name, entry) => this.#sealed.set(name, sealedEntry(entry, keyFor(name))),
      delete: (name) => this.#sealed.delete(name),
      purge: () => this.clear(),
      bytes: shared.bytes,
    }
  }

  /** Which pages a purge means is under seal: all go. They are seconds old at most. */
  clear(): void {
    this.#sealed.clear()
  }
}

/** The body without its content coding; null when it cannot be read. */
export function decoded(body: Uint8Array, coding: string | undefined): Uint8Array | null {
  try {
    if (coding === undefined || coding === 'identity') return body
    if (coding === 'gzip') return gunzipSync(body, { maxOutputLength: decodedMaxBytes })
    return coding === 'br' ? brotliDecompressSync(body, { maxOutputLength: decodedMaxBytes }) : null
  } catch {
    // Not what it says it is, or a bomb: it is given as it came, and the date stands in a field.
    return null
  }
}

const entryOverheadBytes = 200
const decodedMaxBytes = 16 * 1024 * 1024
const vectorBytes = 12
const tagBytes = 16
const lengthBytes = 4

function sealedEntry({ body, ...head }: StoredAnswer, key: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(text.byteLength)
  const vector = randomBytes(vectorBytes)
  const cipher = createCipheriv('aes-256-gcm', key, vector)
  const sealed = [cipher.update(length), cipher.update(text), cipher.update(body), cipher.final()]
  return Buffer.concat([vector, ...sealed, cipher.getAuthTag()])
}

function opened(sealed: Buffer, key: Uint8Array): StoredAnswer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, vectorBytes))
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  try {
    const part = decipher.update(sealed.subarray(vectorBytes, -tagBytes))
    decipher.final()
    const headEnd = lengthBytes + part.readUInt32BE(0)
    const head = JSON.parse(part.toString('utf8', lengthBytes, headEnd)) as Omit<
      StoredAnswer,
      'body'
    >
    return { ...head, body: part.subarray(headEnd) }
  } catch {
    // Sealed for another session: not this one's page.
    return undefined
  }
}
