/**
 * What Redis does in one step, as Lua. Every script has one key, the prefix of all of ours; the rest
 * is made from it, so that everything is in one slot of a Redis Cluster.
 *
 * - `w:ID`, hash: one write, its state and what is sealed in it;
 * - `m:MAILBOX`, list: the ids of a person's writes that are not settled, in order;
 * - `ready:SCHOOL`, list: mailboxes that want a turn; `schools`, sorted set: schools with such
 *   mailboxes by the turns they have had; `waiting`, sorted set: mailboxes that want a turn, by since when;
 * - `turns`, hash: mailboxes with a turn and its fence; `holders`, hash: the token of who works on it;
 * - `later`, sorted set: mailboxes whose first write is to be tried again, by when;
 * - `heads`, sorted set: all mailboxes with writes, by when the first was accepted;
 * - `dead`, sorted set: writes parked for good, by when; `owed`: how many writes are not settled.
 *
 * A mailbox with writes is in exactly one of `ready:…`, `turns` and `later`.
 */
export const keyPrefix = '{ecluse}:'

// A full Redis refuses commands that may take memory, unless the script has already written: what
// settles a write must go through, it is what frees memory.
const evenWhenFull = `redis.call('DEL', p .. 'none')`

const becomesReady = `
local p = KEYS[1]
local function becomesReady(mailbox, school, now)
  redis.call('ZADD', p .. 'waiting', now, mailbox)
  if redis.call('RPUSH', p .. 'ready:' .. school, mailbox) == 1 then
    -- A school that comes back starts level with the one that has had least, not with its past.
    local least = redis.call('ZRANGE', p .. 'schools', 0, 0, 'WITHSCORES')
    redis.call('ZADD', p .. 'schools', least[2] or '0', school)
  end
end
local function schoolOf(mailbox)
  local id = redis.call('LINDEX', p .. 'm:' .. mailbox, 0)
  return id and redis.call('HGET', p .. 'w:' .. id, 'school') or ''
end`

/**
 * Stores a write unless its id is taken. ARGV: id, fingerprint, accepted at, mailbox, school, job,
 * payload, `once` or empty, now. Answers fingerprint and time of what is stored there.
 */
export const appendScript = `${becomesReady}
local id, fingerprint, at, mailbox, school = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local write = p .. 'w:' .. id
local known = redis.call('HMGET', write, 'fingerprint', 'acceptedAtMs')
if known[1] then return known end
redis.call('HSET', write, 'fingerprint', fingerprint, 'acceptedAtMs', at, 'mailbox', mailbox,
  'school', school, 'job', ARGV[6], 'payload', ARGV[7], 'once', ARGV[8], 'state', 'pending')
redis.call('INCR', p .. 'owed')
if redis.call('RPUSH', p .. 'm:' .. mailbox, id) == 1 then
  redis.call('ZADD', p .. 'heads', at, mailbox)
  becomesReady(mailbox, school, ARGV[9])
end
return { fingerprint, at }`

/**
 * Gives turns to mailboxes, fairly between schools: each time to the school that has had least.
 * ARGV: turns there may be at once, now. Answers mailbox, fence, mailbox, fence…
 */
export const dispatchScript = `${becomesReady}
${evenWhenFull}
local limit, now = tonumber(ARGV[1]), ARGV[2]
for _, mailbox in ipairs(redis.call('ZRANGEBYSCORE', p .. 'later', '-inf', now, 'LIMIT', 0, 200)) do
  redis.call('ZREM', p .. 'later', mailbox)
  becomesReady(mailbox, schoolOf(mailbox), now)
end
local answer = {}
for _ = redis.call('HLEN', p .. 'turns') + 1, limit do
  local next = redis.call('ZRANGE', p .. 'schools', 0, 0)
  local school = next[1]
  if not school then break end
  local mailbox = redis.call('LPOP', p .. 'ready:' .. school)
  if not mailbox then redis.call('ZREM', p .. 'schools', school) break end
  local fence = redis.call('INCR', p .. 'fence')
  redis.call('HSET', p .. 'turns', mailbox, fence)
  redis.call('ZREM', p .. 'waiting', mailbox)
  if redis.call('LLEN', p .. 'ready:' .. school) == 0 then
    redis.call('ZREM', p .. 'schools', school)
  else
    local weight = tonumber(redis.call('HGET', p .. 'weights', school) or '1')
    redis.call('ZINCRBY', p .. 'schools', 1 / weight, school)
  end
  answer[#answer + 1] = mailbox
  answer[#answer + 1] = fence
end
return answer`

// The first write of a mailbox, marked as being sent. Answers token and write, or only the token
// when nothing is left.
const take = `
local function take(mailbox, token)
  local id = redis.call('LINDEX', p .. 'm:' .. mailbox, 0)
  if not id then return { token } end
  local write = p .. 'w:' .. id
  local starts = redis.call('HINCRBY', write, 'starts', 1)
  local f = redis.call('HMGET', write, 'job', 'payload', 'attempts', 'tries', 'sent', 'once')
  if f[6] ~= '' then redis.call('HSET', write, 'sent', '1') end
  return { token, id, f[1] or '', f[2] or '', f[3] or '0', f[4] or '0', f[5] or '0', starts }
end
local function endTurn(mailbox)
  redis.call('HDEL', p .. 'turns', mailbox)
  redis.call('HDEL', p .. 'holders', mailbox)
end`

/**
 * Takes a turn up and its first write. ARGV: mailbox, fence. Answers nothing when the turn has been
 * given to somebody else since; whoever held it before can settle nothing from now on.
 */
export const beginScript = `${becomesReady}${take}
${evenWhenFull}
local mailbox = ARGV[1]
if redis.call('HGET', p .. 'turns', mailbox) ~= ARGV[2] then return nil end
local token = redis.call('INCR', p .. 'fence')
redis.call('HSET', p .. 'holders', mailbox, token)
local taken = take(mailbox, token)
if not taken[2] then endTurn(mailbox) end
return taken`

/**
 * Settles the write at hand. ARGV: mailbox, token, id, `applied` or `parked` or `again`, reason,
 * wait in ms, now, seconds an applied write is remembered, `next` to go on with the turn, for `again`:
 * `unknown` or `unseen`. Answers nothing to who has lost the turn; the next write; or the token alone
 * when the turn is over.
 */
export const settleScript = `${becomesReady}${take}
${evenWhenFull}
local mailbox, token, id, kind, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[7]
if redis.call('HGET', p .. 'holders', mailbox) ~= token then return nil end
local write, line = p .. 'w:' .. id, p .. 'm:' .. mailbox
if redis.call('LINDEX', line, 0) ~= id then return nil end
if kind == 'again' then
  redis.call('HSET', write, 'starts', '0')
  redis.call('HINCRBY', write, 'tries', 1)
  if ARGV[10] == 'unknown' then redis.call('HINCRBY', write, 'attempts', 1)
  else redis.call('HDEL', write, 'sent') end
  endTurn(mailbox)
  redis.call('ZADD', p .. 'later', tonumber(now) + tonumber(ARGV[6]), mailbox)
  return { token }
end
redis.call('LPOP', line)
redis.call('DECR', p .. 'owed')
if kind == 'applied' then
  redis.call('HDEL', write, 'payload')
  redis.call('HSET', write, 'state', 'applied', 'doneAtMs', now)
  redis.call('EXPIRE', write, ARGV[8])
else
  redis.call('HSET', write, 'state', 'parked', 'reason', ARGV[5], 'doneAtMs', now)
  redis.call('ZADD', p .. 'dead', now, id)
end
local head = redis.call('LINDEX', line, 0)
if not head then
  endTurn(mailbox)
  redis.call('ZREM', p .. 'heads', mailbox)
  return { token }
end
redis.call('ZADD', p .. 'heads', redis.call('HGET', p .. 'w:' .. head, 'acceptedAtMs'), mailbox)
if ARGV[9] == 'next' then return take(mailbox, token) end
endTurn(mailbox)
becomesReady(mailbox, schoolOf(mailbox), now)
return { token }`

/**
 * Gives back a turn nobody will take up, because what was to schedule it is gone. ARGV: mailbox,
 * fence, now. The fence proves that it is still the same turn.
 */
export const returnScript = `${becomesReady}${take}
${evenWhenFull}
if redis.call('HGET', p .. 'turns', ARGV[1]) ~= ARGV[2] then return 0 end
endTurn(ARGV[1])
if redis.call('LLEN', p .. 'm:' .. ARGV[1]) > 0 then
  becomesReady(ARGV[1], schoolOf(ARGV[1]), ARGV[3])
end
return 1`

/**
 * Puts a dead letter at the end of its mailbox again. ARGV: id, job, now. Answers 0 when it is none.
 */
export const redriveScript = `${becomesReady}
local write = p .. 'w:' .. ARGV[1]
local f = redis.call('HMGET', write, 'state', 'mailbox', 'school', 'acceptedAtMs')
if f[1] ~= 'parked' then return 0 end
redis.call('ZREM', p .. 'dead', ARGV[1])
redis.call('HSET', write, 'state', 'pending', 'job', ARGV[2])
redis.call('HDEL', write, 'sent', 'starts', 'tries', 'attempts', 'reason', 'doneAtMs')
redis.call('INCR', p .. 'owed')
if redis.call('RPUSH', p .. 'm:' .. f[2], ARGV[1]) == 1 then
  redis.call('ZADD', p .. 'heads', f[4], f[2])
  becomesReady(f[2], f[3], ARGV[3])
end
return 1`

/** Answers writes owed, when the oldest was accepted, since when the first mailbox waits; -1 without. */
export const backlogScript = `
local p = KEYS[1]
local oldest = redis.call('ZRANGE', p .. 'heads', 0, 0, 'WITHSCORES')
local waiting = redis.call('ZRANGE', p .. 'waiting', 0, 0, 'WITHSCORES')
return { redis.call('GET', p .. 'owed') or '0', oldest[2] or '-1', waiting[2] or '-1' }`

/** What the whole queue still owes. */
export interface Backlog {
  readonly writes: number
  /** When the oldest write that is not settled was accepted. */
  readonly oldestAtMs: number | null
  /**
   * Since when the mailbox waits that has waited longest for a turn. One that waits for its own
   * write to be tried again does not count: it says nothing about the others.
   */
  readonly waitingSinceMs: number | null
}

/** The answer of `backlogScript`. */
export function readBacklog([writes, oldest, waiting]: readonly unknown[]): Backlog {
  const instant = (value: unknown): number | null => (Number(value) < 0 ? null : Number(value))
  return { writes: Number(writes), oldestAtMs: instant(oldest), waitingSinceMs: instant(waiting) }
}
