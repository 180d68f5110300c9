import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

/** First byte of every record; another version's records are not ours to read. */
const version = 1
const ivBytes = 12
const tagBytes = 16

/**
 * Seals what is kept in the volatile Redis: who reads that Redis learns nothing, and what was
 * changed there, or put under another name, is not opened. AES-256-GCM under a key of its own for
 * each name, so that random nonces stay far from their limit (2^32 records under one key).
 */
export function sealRecord(secret: Uint8Array, name: string, plain: Uint8Array): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, name), iv)
  const sealed = [cipher.update(plain), cipher.final()]
  return Buffer.concat([Buffer.of(version), iv, cipher.getAuthTag(), ...sealed])
}

/** What was sealed under this name, or null: another version, another key, or changed bytes. */
export function openRecord(secret: Uint8Array, name: string, sealed: Buffer): Buffer | null {
  if (sealed.length < 1 + ivBytes + tagBytes || sealed[0] !== version) return null
  const iv = sealed.subarray(1, 1 + ivBytes)
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, name), iv, {
    authTagLength: tagBytes,
  })
  decipher.setAuthTag(sealed.subarray(1 + ivBytes, 1 + ivBytes + tagBytes))
  try {
    const body = sealed.subarray(1 + ivBytes + tagBytes)
    return Buffer.concat([decipher.update(body), decipher.final()])
  } catch {
    // Not ours, or changed: to its reader it was never there.
    return null
  }
}

/** The name under which Redis knows a record: it tells nothing about what is kept. */
export function hiddenName(secret: Uint8Array, name: string): string {
  return createHmac('sha256', secret).update(`name ${name}`).digest('base64url').slice(0, 32)
}

function keyOf(secret: Uint8Array, name: string): Buffer {
  return createHmac('sha256', secret).update(`key ${name}`).digest()
}
