import type { Duplex } from 'node:stream'
import type { ClientRequest } from '../exchange.ts'

/** A login is a form of two fields; far less than a stream holds unread. */
const loginBodyMaxBytes = 8_192

/**
 * Looks at the body of a login without taking it: whoever reads it next gets every byte. Null when
 * it does not say that it is 8 kB at most, or breaks off.
 */
export async function peekLoginBody({ body, headers }: ClientRequest): Promise<Uint8Array | null> {
  const stream = body as Duplex | null
  const length = Number(headers['content-length'])
  if (stream === null || !(length <= loginBodyMaxBytes)) return null
  if (!stream.writableFinished && !(await hasArrived(stream))) return null
  // Exactly what is there: a read past the end would end the stream.
  const bytes = stream.read(stream.readableLength) as Uint8Array | null
  if (bytes !== null) stream.unshift(bytes)
  return bytes
}

function hasArrived(stream: Duplex): Promise<boolean> {
  if (stream.destroyed) return Promise.resolve(false)
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const event of ['finish', 'close'] as const) stream.off(event, settle)
      resolve(stream.writableFinished && !stream.destroyed)
    }
    for (const event of ['finish', 'close'] as const) stream.once(event, settle)
  })
}
