import { Redis } from 'ioredis'
import { Failure } from '../core/failure.ts'

/** Waits for a Redis that went away and sends again what it had not confirmed. */
export function patientRedis(address: string): Redis {
  return clientOf(address, { maxRetriesPerRequest: null })
}

/** Answers or fails within `timeoutMs`, whatever Redis does. */
export function promptRedis(address: string, timeoutMs: number): Redis {
  return clientOf(address, {
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    commandTimeout: timeoutMs,
  })
}

/** Fails with `redis-unreachable` when the first connection cannot be made. */
export async function connectFirst(redis: Redis, address: string): Promise<void> {
  try {
    await redis.connect()
  } catch (cause) {
    redis.disconnect()
    throw new Failure({
      code: 'redis-unreachable',
      message: `redis.durable: expected a Redis at ${address}; ${(cause as Error).message}.`,
      source: 'gateway',
      cause,
    })
  }
}

function clientOf(address: string, options: object): Redis {
  const all = { ...options, lazyConnect: true, retryStrategy: () => 500 }
  const client = address.startsWith('/')
    ? new Redis({ ...all, path: address })
    : new Redis(address, all)
  // Each failing command reports to its caller; the event only repeats it.
  client.on('error', () => undefined)
  // Many mailboxes listen on one connection; that is no leak.
  client.setMaxListeners(0)
  return client
}
