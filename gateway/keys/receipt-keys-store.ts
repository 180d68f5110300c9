import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'

/** A public key as RFC 8037 writes it (JWK of kind OKP); `kid` is its RFC 7638 thumbprint. */
export interface PublishedKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
}

export interface ReceiptKeys {
  /** Ed25519 (RFC 8032) in base64url under the newest key. */
  sign(text: string): { readonly kid: string; readonly signature: string }
  /** The public half of every key that ever signed. */
  readonly published: readonly PublishedKey[]
}

/** Receipt keys from their 32-byte seeds, newest first. */
export function receiptKeysOf(seeds: readonly Buffer[]): ReceiptKeys {
  const keys = seeds.map(privateKeyOf)
  const published = keys.map(publish)
  const [newest, name] = [keys[0] as KeyObject, published[0] as PublishedKey]
  return {
    sign: (text) => ({
      kid: name.kid,
      signature: sign(null, Buffer.from(text), newest).toString('base64url'),
    }),
    published,
  }
}

/** RFC 8410 §7: what stands before the seed in a PKCS #8 document. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

function privateKeyOf(seed: Buffer): KeyObject {
  const key = Buffer.concat([pkcs8Head, seed])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

function publish(key: KeyObject): PublishedKey {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  // RFC 7638 §3.2 and RFC 8037 §2: the required members in alphabetical order.
  const canonical = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })
  const kid = createHash('sha256').update(canonical).digest('base64url')
  return { kty: 'OKP', crv: 'Ed25519', x, kid }
}
