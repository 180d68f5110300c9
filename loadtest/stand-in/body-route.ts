import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** A body that arrived: its hash, and its text when it is a form. */
export interface Body {
  readonly kind: 'whole'
  readonly bodyHash: string
  readonly form: string
}

/** `cut`: the client left before the end. */
export type BodyReading = Body | { readonly kind: 'cut' } | { readonly kind: 'too-large' }

/** Twice the largest photo of an exercise book that pupils hand in. */
const bodyMaxBytes = 10_000_000
const formMaxBytes = 4_096

const noBody: Body = { kind: 'whole', bodyHash: '', form: '' }

/** Receives a body without keeping it; only a form's text stays. */
export function receiveBody(request: IncomingMessage): Promise<BodyReading> {
  const { headers } = request
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    return Promise.resolve(noBody)
  }
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
  const maxBytes = isForm ? formMaxBytes : bodyMaxBytes
  const hash = createHash('sha256')
  let bytes = 0
  let form = ''
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) {
        request.pause()
        resolve({ kind: 'too-large' })
        return
      }
      hash.update(chunk)
      if (isForm) form += chunk.toString('latin1')
    })
    request.once('end', () => resolve({ kind: 'whole', bodyHash: hash.digest('hex'), form }))
    request.once('close', () => resolve({ kind: 'cut' }))
    request.once('error', () => resolve({ kind: 'cut' }))
  })
}
