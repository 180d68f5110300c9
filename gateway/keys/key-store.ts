import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { Failure } from '../../core/failure.ts'
import { type ReceiptKeys, receiptKeysOf } from './receipt-keys-store.ts'

/** Everything secret the edge works with. Two signing and sealing keys live at a time: rotation. */
export interface Keys {
  /** HMAC-SHA-256 in base64url under the newest signing key; `kid` names it. */
  sign(text: string): { readonly kid: string; readonly mac: string }
  /** Constant-time check under the named key; an unknown key is a refusal. */
  verify(kid: string, text: string, mac: string): boolean
  /** Encrypts and authenticates (AES-256-GCM): `v1.<kid>.<iv>.<ciphertext and tag>`. */
  seal(plain: Uint8Array): string
  /** The sealed bytes, or null when they are not ours or were changed. */
  open(sealed: string): Uint8Array | null
  /** HMAC under the key shared with the origin, for assertions. */
  assertionMac(text: string): string
  /** What the workers show at the internal port. */
  readonly internalToken: string
  /** What operators show at the operations port for anything that changes state. */
  readonly operationsToken: string
  /** Hashes session cookies; the same in every process of one edge. */
  readonly sessionHashKey: Uint8Array
  /** Seals what the caches of one edge tell each other through the volatile Redis. */
  readonly sharedCacheKey: Uint8Array
  /** Sign receipts so that anybody can verify them without us. */
  readonly receipts: ReceiptKeys
  /** A principal's pseudonym in durable stores: 32 hex digits, stable over rotations. */
  principalId(user: string): string
}

/** Writes a first set of keys into `folder`; refuses a folder that already holds some. */
export function initKeys(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (readdirSync(folder).some(isKeyFile)) {
    throw new Failure({
      code: 'keys-exist',
      message: `keys.folder: ${folder} already holds keys; "ecluse keys rotate" adds new ones.`,
      source: 'gateway',
    })
  }
  for (const name of ['signing-1.key', 'sealing-1.key', 'receipt-1.key', ...singles])
    writeKey(folder, name)
}

/**
 * Adds a newer signing, sealing and receipt key and names the files that nobody needs any more.
 * Receipt keys stay: a receipt is verified years later, and each is published by its public half.
 */
export function rotateKeys(folder: string): {
  readonly added: string[]
  readonly retired: string[]
} {
  const added: string[] = []
  const retired: string[] = []
  for (const kind of ['signing', 'sealing', 'receipt']) {
    const names = namesOf(folder, kind)
    if (names.length === 0) throw unreadable(folder, `no ${kind} key in it`)
    const name = `${kind}-${numberOf(names[0] ?? '') + 1}.key`
    writeKey(folder, name)
    added.push(name)
    if (kind !== 'receipt') retired.push(...names.slice(1))
  }
  return { added, retired }
}

/** Reads the keys of `folder`; refuses files that others can read. Fails with `keys-unreadable`. */
export function loadKeys(folder: string): Keys {
  const signing = ringOf(folder, 'signing')
  const sealing = ringOf(folder, 'sealing')
  // The origin's side reads the same file; its key is the text, so that any language agrees.
  const assertion = Buffer.from(readKey(folder, 'assertion.key').toString('base64url'))
  const newestSigning = signing[0] as Key
  const newestSealing = sealing[0] as Key
  const stable = readKey(folder, 'session-hash.key')
  const derived = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', stable, '', purpose, 32))
  const principalKey = derived('ecluse principal')
  const pseudonyms = new LRUCache<string, string>({ max: 10_000 })
  return {
    sign: (text) => ({ kid: newestSigning.kid, mac: mac(newestSigning.secret, text) }),
    verify: (kid, text, given) => {
      const key = signing.find((candidate) => candidate.kid === kid)
      return key !== undefined && isSame(mac(key.secret, text), given)
    },
    seal: (plain) => {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', newestSealing.secret, iv)
      const body = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
      return `v1.${newestSealing.kid}.${iv.toString('base64url')}.${body.toString('base64url')}`
    },
    open: (sealed) => openSealed(sealed, sealing),
    assertionMac: (text) => mac(assertion, text),
    internalToken: readKey(folder, 'internal.token').toString('base64url'),
    operationsToken: readKey(folder, 'operations.token').toString('base64url'),
    receipts: receiptKeysOf(receiptSeeds(folder)),
    sessionHashKey: derived('ecluse session hash'),
    sharedCacheKey: derived('ecluse shared cache'),
    principalId: (user) => {
      const known = pseudonyms.get(user)
      if (known !== undefined) return known
      const made = createHmac('sha256', principalKey).update(user).digest('hex').slice(0, 32)
      pseudonyms.set(user, made)
      return made
    },
  }
}

const singles = ['assertion.key', 'session-hash.key', 'internal.token', 'operations.token']

interface Key {
  readonly kid: string
  readonly secret: Buffer
}

function ringOf(folder: string, kind: string): Key[] {
  const names = namesOf(folder, kind).slice(0, 2)
  if (names.length === 0) throw unreadable(folder, `no ${kind} key in it`)
  return names.map((name) => {
    const secret = readKey(folder, name)
    return { kid: createHash('sha256').update(secret).digest('hex').slice(0, 8), secret }
  })
}

function receiptSeeds(folder: string): Buffer[] {
  const names = namesOf(folder, 'receipt')
  if (names.length === 0) throw unreadable(folder, 'no receipt key in it')
  return names.map((name) => readKey(folder, name))
}

/** Newest first: the number in the name is the age. */
function namesOf(folder: string, kind: string): string[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (cause) {
    throw unreadable(folder, 'it cannot be listed', cause)
  }
  return names
    .filter((name) => name.startsWith(`${kind}-`) && isKeyFile(name))
    .sort((a, b) => numberOf(b) - numberOf(a))
}

function isKeyFile(name: string): boolean {
  return /^(?:signing|sealing|receipt)-\d+\.key$/.test(name) || singles.includes(name)
}

function numberOf(name: string): number {
  return Number(/-(\d+)\.key$/.exec(name)?.[1] ?? 0)
}

function writeKey(folder: string, name: string): void {
  const text = `${randomBytes(32).toString('base64url')}\n`
  writeFileSync(join(folder, name), text, { mode: 0o600, flag: 'wx' })
}

function readKey(folder: string, name: string): Buffer {
  const file = join(folder, name)
  let text: string
  try {
    if ((statSync(file).mode & 0o077) !== 0) throw new Error('others than its owner can read it')
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw unreadable(folder, `${name}: ${(cause as Error).message}`, cause)
  }
  const secret = Buffer.from(text.trim(), 'base64url')
  if (secret.length !== 32) throw unreadable(folder, `${name} is not 32 bytes in base64url`)
  return secret
}

function unreadable(folder: string, what: string, cause?: unknown): Failure {
  const message = `keys.folder: expected the keys of "ecluse keys init ${folder}"; ${what}.`
  return new Failure({ code: 'keys-unreadable', message, source: 'gateway', cause })
}

function mac(secret: Buffer, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}

function isSame(expected: string, given: string): boolean {
  const a = Buffer.from(expected)
  const b = Buffer.from(given)
  return a.length === b.length && timingSafeEqual(a, b)
}

function openSealed(sealed: string, ring: readonly Key[]): Uint8Array | null {
  const [version, kid, iv, body, ...rest] = sealed.split('.')
  const key = ring.find((candidate) => candidate.kid === kid)
  if (version !== 'v1' || !key || !iv || !body || rest.length > 0) return null
  const bytes = Buffer.from(body, 'base64url')
  if (bytes.length < 16) return null
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.secret, Buffer.from(iv, 'base64url'))
    decipher.setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()])
  } catch {
    // No vector, or the tag does not fit: not ours, or changed on the way.
    return null
  }
}
