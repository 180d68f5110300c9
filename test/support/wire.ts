import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { dial } from './client.ts'

/** What a client does on its wire, one thing after the other. */
export type WireStep =
  | { readonly kind: 'write'; readonly text: string }
  /** Until so many answers have begun in all, or the connection has closed. */
  | { readonly kind: 'answers'; readonly count: number }
  /** Reads nothing more until `resume`. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Leaves at once, whatever is on its way. */
  | { readonly kind: 'abort' }

export interface WireTalk {
  readonly received: string
  /** The client left by itself: how much it still received is a matter of time. */
  readonly isAborted: boolean
}

/** Plays the steps and gives what was received until the connection closed. */
export async function playWire(url: string, steps: readonly WireStep[]): Promise<WireTalk> {
  const socket = dial(url)
  const parts: string[] = []
  const wire = { answers: 0, tail: '', isClosed: false, wake: (): void => undefined }
  socket.setEncoding('latin1')
  socket.on('data', (part: string) => {
    // A status line may come in two parts.
    const fresh = wire.tail + part
    wire.answers += fresh.split(statusLine).length - 1
    wire.tail = fresh.slice(1 - statusLine.length)
    parts.push(part)
    wire.wake()
  })
  socket.on('error', () => undefined)
  socket.once('close', () => {
    wire.isClosed = true
    wire.wake()
  })
  const news = (): Promise<void> => new Promise((resolve) => (wire.wake = resolve))
  await once(socket, 'connect')
  for (const step of steps) {
    if (wire.isClosed) break
    if (step.kind === 'write') socket.write(step.text, 'latin1')
    else if (step.kind === 'pause') socket.pause()
    else if (step.kind === 'resume') socket.resume()
    else if (step.kind === 'abort') socket.destroy()
    else while (!wire.isClosed && wire.answers < step.count) await news()
    await setImmediate()
  }
  socket.resume()
  while (!wire.isClosed) await news()
  return { received: parts.join(''), isAborted: steps.some(({ kind }) => kind === 'abort') }
}

const statusLine = 'HTTP/1.1 '
