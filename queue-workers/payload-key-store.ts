import { createDecipheriv, createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'

/** What the workers need of the edge's keys folder. */
export interface PayloadKeys {
  /** Opens what the edge sealed, or null when no key fits or it was changed. */
  open(sealed: string): Uint8Array | null
  /** Shown to the edge's internal port. */
  readonly internalToken: string
}

/**
 * Reads the sealing keys and the token in `folder`. A text sealed under an unknown key makes it
 * look again, so that a rotation needs no restart. Fails with `keys-unreadable`.
 */
export function readPayloadKeys(folder: string): PayloadKeys {
  let keys = sealingKeys(folder)
  const internalToken = readText(folder, 'internal.token')
  return {
    internalToken,
    open: (sealed) => {
      const [version, kid = '', iv = '', body = '', ...rest] = sealed.split('.')
      if (version !== 'v1' || rest.length > 0) return null
      if (!keys.has(kid)) keys = sealingKeys(folder)
      const key = keys.get(kid)
      return key ? unseal(key, Buffer.from(iv, 'base64url'), Buffer.from(body, 'base64url')) : null
    },
  }
}

const tagBytes = 16

function unseal(key: Buffer, iv: Buffer, body: Buffer): Uint8Array | null {
  if (iv.length !== 12 || body.length < tagBytes) return null
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
  decipher.setAuthTag(body.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -tagBytes)), decipher.final()])
  } catch {
    // The tag does not fit: it was changed. The caller makes a dead letter of it, which is counted.
    return null
  }
}

function sealingKeys(folder: string): Map<string, Buffer> {
  const keys = new Map<string, Buffer>()
  for (const name of namesIn(folder)) {
    if (!/^sealing-\d+\.key$/.test(name)) continue
    const key = Buffer.from(readText(folder, name), 'base64url')
    if (key.length !== 32) throw unreadable(folder, `${name} is not 32 bytes in base64url`)
    keys.set(createHash('sha256').update(key).digest('hex').slice(0, 8), key)
  }
  if (keys.size === 0) throw unreadable(folder, 'no sealing key in it')
  return keys
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw unreadable(folder, 'it cannot be listed', cause)
  }
}

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8').trim()
  } catch (cause) {
    throw unreadable(folder, `${name} cannot be read`, cause)
  }
}

function unreadable(folder: string, found: string, cause?: unknown): Failure {
  return new Failure({
    code: 'keys-unreadable',
    message: `keys.folder: expected the keys of "ecluse keys init ${folder}"; ${found}.`,
    source: 'gateway',
    cause,
  })
}
