import { createHmac } from 'node:crypto'
import type { Redis } from 'ioredis'
import { gcraLimit } from '../../core/gcra.ts'
import type { Charge, Crowd, Standing, Verdict } from './charge.ts'
import { replyWithin } from '../redis-client.ts'

/** Later than this, the decision is taken here. */
const lateMs = 50
/** After a failure Redis is left alone this long; then one request tries it for all. */
const retryEveryMs = 500
/** Distinct sessions are counted over this and the window before. */
const windowMs = 600_000

/** What a request takes, and where it counts as live; `session` null when nobody vouches for it. */
export interface SharedCall {
  readonly charges: readonly Charge[]
  readonly crowds: readonly Crowd[]
  readonly session: string | null
}

/** What Redis decided, and how many live sessions all processes saw in each crowd. */
export interface SharedVerdict {
  readonly verdict: Verdict
  readonly live: readonly number[]
}

/** The buckets that all processes share. */
export interface SharedQuotas {
  /** Null when Redis is late or away: at once while it is known to be, else within 50 ms. */
  charge(
    call: SharedCall,
    nowMs: { readonly monotonic: number; readonly wall: number },
  ): Promise<SharedVerdict | null>
}

/**
 * Shared buckets on the volatile Redis; one atomic call a request, on the clock of Redis. Keys are
 * hashed under `nameKey`: who sees that Redis learns neither accounts nor addresses.
 */
export function sharedQuotas(redis: Redis, nameKey: Uint8Array): SharedQuotas {
  const named = (key: string): string => {
    const name = createHmac('sha256', nameKey).update(key).digest('base64url').slice(0, 22)
    // All keys of a call in one slot of a cluster.
    return `ecluse:{limits}:${name}`
  }
  redis.defineCommand('ecluseCharge', { lua: chargeScript })
  const client = redis as Redis & {
    ecluseCharge(keyCount: number, ...rest: (string | number)[]): Promise<number[]>
  }
  let awayUntilMs: number | null = null
  return {
    async charge({ charges, crowds, session }, nowMs) {
      if (awayUntilMs !== null) {
        // Nobody's request waits to find out whether it is back.
        if (nowMs.monotonic >= awayUntilMs) {
          awayUntilMs = nowMs.monotonic + retryEveryMs
          void replyWithin(lateMs, redis.ping()).then((reply) => {
            if (reply !== null) awayUntilMs = null
          })
        }
        return null
      }
      const keys = [
        ...charges.map(({ key }) => named(key)),
        ...crowds.flatMap((crowd) => windowKeys(crowd, nowMs.wall)).map(named),
      ]
      const costs = charges.flatMap(({ quota, cost }) => {
        const { intervalUs, toleranceUs } = gcraLimit(quota)
        return [intervalUs, toleranceUs, cost]
      })
      const call = client.ecluseCharge(
        keys.length,
        ...keys,
        charges.length,
        session ?? '',
        ...costs,
      )
      const reply = await replyWithin(lateMs, call)
      if (reply === null) awayUntilMs = nowMs.monotonic + retryEveryMs
      return reply === null ? null : readReply(reply, crowds.length)
    },
  }
}

function windowKeys({ key }: Crowd, wallMs: number): readonly string[] {
  const window = Math.floor(wallMs / windowMs)
  return [window, window - 1].map((number) => `sessions:${key}:${number}`)
}

function readReply(reply: readonly number[], crowds: number): SharedVerdict {
  const [worst = 0, retryAfterMs = 0] = reply
  const live = reply.slice(2, 2 + crowds)
  const standings: Standing[] = []
  for (let i = 2 + crowds; i + 1 < reply.length; i += 2)
    standings.push({ remaining: reply[i] as number, resetMs: reply[i + 1] as number })
  const verdict: Verdict =
    worst === 0
      ? { kind: 'allowed', standings }
      : { kind: 'refused', by: worst - 1, retryAfterMs, standings }
  return { verdict, live }
}

/**
 * `core/gcra.ts` for several buckets at once: all are checked, then all are charged or none. The
 * keys after the buckets count distinct sessions (HyperLogLog), for each crowd in this window and
 * the one before. `%.0f` keeps every microsecond, which Lua's own number text does not; a bucket
 * expires after it is empty, never before. A test holds the script against `core/gcra.ts`.
 */
const chargeScript = `
local buckets, session = tonumber(ARGV[1]), ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local before, after, worst, longest = {}, {}, 0, 0
for i = 1, buckets do
  local interval, tolerance = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local tat = tonumber(redis.call('GET', KEYS[i]) or now)
  tat = math.min(math.max(tat, now), now + tolerance)
  before[i] = tat
  after[i] = tat + math.min(interval * tonumber(ARGV[3 * i + 2]), tolerance)
  local wait = after[i] - now - tolerance
  if wait > longest then longest, worst = wait, i end
end
local reply = { worst, math.ceil(longest / 1000) }
for i = buckets + 1, #KEYS, 2 do
  if session ~= '' and redis.call('PFADD', KEYS[i], session) == 1 then
    redis.call('PEXPIRE', KEYS[i], ${2 * windowMs})
  end
  table.insert(reply, redis.call('PFCOUNT', KEYS[i], KEYS[i + 1]))
end
for i = 1, buckets do
  local tat = after[i]
  if worst > 0 then tat = before[i] else
    redis.call('SET', KEYS[i], string.format('%.0f', tat), 'PX', math.ceil((tat - now) / 1000) + 1)
  end
  table.insert(reply, math.floor((tonumber(ARGV[3 * i + 1]) - (tat - now)) / tonumber(ARGV[3 * i])))
  table.insert(reply, math.ceil((tat - now) / 1000))
end
return reply
`
