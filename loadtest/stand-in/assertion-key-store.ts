import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Failure } from '../../core/failure.ts'
import type { AssertionKey } from './assertion.ts'

const minimumKeyBytes = 16

/** The key in `file`: its text without surrounding white space, as bytes. */
export function readAssertionKey(file: string): AssertionKey {
  const key = Buffer.from(readFileSync(file, 'utf8').trim())
  if (key.length < minimumKeyBytes) {
    throw new Failure({
      code: 'assertion-key',
      message: `assertionKeyFile: expected a key of at least ${minimumKeyBytes} bytes, found ${key.length} in ${file}.`,
      source: 'origin',
    })
  }
  return {
    isSigned: (text, signature) => {
      const given = Buffer.from(signature, 'base64url')
      const expected = createHmac('sha256', key).update(text).digest()
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
    decode: (part) => Buffer.from(part, 'base64url').toString('utf8'),
  }
}
