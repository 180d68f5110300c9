import type { Redis } from 'ioredis'
import { unguessable } from '../../core/random.ts'
import type { PurgeTag } from './purge-tags.ts'
import type { PurgePosition, PurgeReply, StreamedPurge } from './purge-view.ts'
import { openRecord, sealRecord } from './sealed-record-store.ts'

/** Purges that are kept for processes that come late; each may name many tags. About 10 MB. */
const keptPurges = 50_000
const replyMaxPurges = 1000
/** A process that has not read for this long is taken for ended. */
const forgottenAfterSeconds = 60

/** How far a process has read, by its own word. */
export interface PurgeReader extends PurgePosition {
  readonly name: string
}

/** The stream of purges on the volatile Redis. Every call may fail with the error of Redis. */
export interface PurgeStream {
  add(tags: readonly PurgeTag[]): Promise<PurgePosition>
  /** What came after this position; says by the way that everything up to it was taken in. */
  readAfter(position: PurgePosition): Promise<PurgeReply>
  /** Everybody who has read lately. */
  readers(): Promise<readonly PurgeReader[]>
  leave(): Promise<void>
}

/**
 * Purges are numbered without gaps. The stream's epoch is a name drawn when it begins; a stream
 * that was lost, evicted, or fell behind in a failover gets another, so that whoever has read it
 * before knows that something may be missing. Entries are sealed: URLs say what people do.
 */
export function purgeStream(redis: Redis, secret: Uint8Array, self: string): PurgeStream {
  const keys = ['state', 'stream', 'readers'].map((part) => `ecluse:{purge}:${part}`)
  redis.defineCommand('eclusePurgeAdd', { numberOfKeys: 3, lua: addScript })
  redis.defineCommand('eclusePurgeRead', { numberOfKeys: 3, lua: readScript })
  redis.defineCommand('eclusePurgeReaders', { numberOfKeys: 3, lua: readersScript })
  const client = redis as Redis & PurgeCommands
  return {
    add: async (tags) => {
      const sealed = sealRecord(secret, 'purge', Buffer.from(JSON.stringify({ by: self, tags })))
      const payload = sealed.toString('base64')
      const [epoch, number] = await client.eclusePurgeAdd(...keys, unguessable(9), payload)
      return { epoch, number }
    },
    readAfter: async ({ epoch, number }) => {
      const asked = [...keys, unguessable(9), epoch, number, self] as const
      const [nowEpoch, first, last, items] = await client.eclusePurgeRead(...asked)
      return { epoch: nowEpoch, first, last, purges: items.map((item) => readItem(secret, item)) }
    },
    readers: async () => {
      const lines = await client.eclusePurgeReaders(...keys)
      return lines.map((line) => {
        const [name = '', epoch = '', number = ''] = line.split(' ')
        return { name, epoch, number: Number(number) }
      })
    },
    leave: async () => void (await redis.hdel(keys[2] as string, self)),
  }
}

type Item = readonly [id: string, fields: readonly string[]]

interface PurgeCommands {
  eclusePurgeAdd(...given: readonly string[]): Promise<[string, number]>
  eclusePurgeRead(
    ...given: readonly (string | number)[]
  ): Promise<[string, number, number, readonly Item[]]>
  eclusePurgeReaders(...given: readonly string[]): Promise<string[]>
}

function readItem(secret: Uint8Array, [id, fields]: Item): StreamedPurge {
  const number = Number.parseInt(id, 10)
  const plain = openRecord(secret, 'purge', Buffer.from(fields[1] ?? '', 'base64'))
  if (plain === null) return { number, by: '', tags: null }
  const { by, tags } = JSON.parse(plain.toString()) as { by: string; tags: PurgeTag[] }
  return { number, by, tags }
}

// KEYS: state (epoch and number of the last purge), stream, readers. ARGV[1]: a name for a new epoch.
const common = `
local top = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local last = top and tonumber(string.match(top[1], '^%d+')) or 0
local state = redis.call('HMGET', KEYS[1], 'epoch', 'last')
local epoch = state[1]
local function begin()
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'last', last)
end
if not epoch or tonumber(state[2]) ~= last then begin() end
`

// ARGV[2]: the sealed purge.
const addScript = `${common}
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${keptPurges}, string.format('%.0f-0', last + 1), 'p', ARGV[2])
redis.call('HSET', KEYS[1], 'last', last + 1)
return { epoch, last + 1 }
`

// ARGV[2], ARGV[3]: the position of the reader; one ahead of the stream has read what a failover
// lost. ARGV[4]: its name.
const readScript = `${common}
local number = tonumber(ARGV[3])
if ARGV[2] == epoch and number > last then begin() end
if ARGV[2] ~= epoch then number = 0 end
local bottom = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
local first = bottom and tonumber(string.match(bottom[1], '^%d+')) or last + 1
local after = string.format('%.0f-0', number + 1)
local items = redis.call('XRANGE', KEYS[2], after, '+', 'COUNT', ${replyMaxPurges})
redis.call('HSET', KEYS[3], ARGV[4], table.concat({ epoch, string.format('%.0f', number), redis.call('TIME')[1] }, ' '))
return { epoch, first, last, items }
`

const readersScript = `
local now, all, seen = tonumber(redis.call('TIME')[1]), redis.call('HGETALL', KEYS[3]), {}
for i = 1, #all, 2 do
  if now - tonumber(string.match(all[i + 1], '%d+$')) > ${forgottenAfterSeconds} then
    redis.call('HDEL', KEYS[3], all[i])
  else
    table.insert(seen, all[i] .. ' ' .. all[i + 1])
  end
end
return seen
`
