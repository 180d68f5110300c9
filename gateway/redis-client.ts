import { Redis } from 'ioredis'

/**
 * A connection that answers or fails within `timeoutMs` whatever Redis does: no offline queue, no
 * re-sending, a steady 500 ms between attempts to come back. Measured on a stopped and a killed
 * server: errors at the timeout and at once, service again within milliseconds of its return.
 */
export function redisClient(address: string, timeoutMs: number): Redis {
  const options = {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    commandTimeout: timeoutMs,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => 500,
  }
  const client = address.startsWith('/')
    ? new Redis({ ...options, path: address })
    : new Redis(address, options)
  // Each failing command reports its own error to its caller; the event only repeats it.
  client.on('error', () => undefined)
  return client
}

/** Tells `note` how many seconds each command of this connection took, replied to or failed. */
export function timeCommands(client: Redis, note: (seconds: number) => void): void {
  const send = client.sendCommand.bind(client)
  client.sendCommand = (command, stream) => {
    const sentAtMs = performance.now()
    const done = (): void => note((performance.now() - sentAtMs) / 1_000)
    // Whoever asked hears of the failure from the command itself.
    command.promise.then(done, done)
    return send(command, stream)
  }
}

/** The reply, or null when it fails or comes after `lateMs`; a late one is not waited for. */
export function replyWithin<T>(lateMs: number, call: Promise<T>): Promise<T | null> {
  return new Promise((resolve) => {
    // One more look at the socket: when this process was busy, a reply in time may lie there unread.
    const timer = setTimeout(() => setImmediate(() => resolve(null)), lateMs)
    const settle = (reply: T | null): void => {
      clearTimeout(timer)
      resolve(reply)
    }
    // Whatever the error says, the answer is the same; the caller counts it.
    call.then(settle, () => settle(null))
  })
}
