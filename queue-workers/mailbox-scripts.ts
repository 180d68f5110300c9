import { becomesReady, charge, enter, evenWhenFull, leave, mayGoOn, take } from './mailbox-steps.ts'

/**
 * What Redis does in one step, as Lua. Every script has one key, the prefix of all of ours; the rest
 * is made from it, so that everything is in one slot of a Redis Cluster.
 *
 * - `w:ID`, hash: one write, its state and what is sealed in it;
 * - `m:MAILBOX`, list: the ids of a person's writes that are not settled, in order;
 * - `last:MAILBOX`, hash: by slot, the write that stands for its last value;
 * - `lost:MAILBOX`, sorted set: its dead letters that wait for their owner's next login;
 * - `line:SCHOOL`, sorted set: mailboxes that want a turn, deadlines first; `schools`, sorted set:
 *   schools with such mailboxes by the turns they have had; `waiting`, sorted set: mailboxes that
 *   want a turn, by since when;
 * - `turns`, hash: mailboxes with a turn and its fence; `holders`, hash: the token of who works on
 *   it; `leases`, sorted set: those among them that an edge tries itself, by until when;
 * - `later`, sorted set: mailboxes whose first write is to be tried again, by when;
 * - `heads`, sorted set: all mailboxes with writes, by when the first was accepted;
 * - `dead`, sorted set: writes parked for good, by when; `owed`: how many writes are not settled,
 *   `settled`: how many ever were; `paused`: there while operators let nothing be applied.
 *
 * A mailbox with writes is in exactly one of `line:…`, `turns` and `later`.
 */
export const keyPrefix = '{ecluse}:'

/**
 * Stores a write unless its id is taken. ARGV: id, fingerprint, accepted at, mailbox, school, job,
 * payload, `once` or empty, now, when it is due or empty, slot or empty, until when the edge that
 * asks would try it itself or empty, seconds a settled write is remembered. Answers fingerprint and
 * time of what is stored there, the token of the edge's own turn, empty when it has none; and of a
 * write that was known, the origin's answer to it and whether an edge is trying it now.
 *
 * A write with a slot replaces an earlier one of the same slot that nobody has taken up yet.
 */
export const appendScript = `${becomesReady}${take}${leave}${enter}
local id, fingerprint, at, mailbox, school = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local now, slot, leaseUntil = ARGV[9], ARGV[11], ARGV[12]
local write = p .. 'w:' .. id
local known = redis.call('HMGET', write, 'fingerprint', 'acceptedAtMs', 'answer', 'starts', 'mailbox')
if known[1] then
  local isTried = (known[4] or '0') ~= '0' and redis.call('ZSCORE', p .. 'leases', known[5])
  return { known[1], known[2], '', known[3] or '', isTried and 1 or 0 }
end
redis.call('HSET', write, 'fingerprint', fingerprint, 'acceptedAtMs', at, 'mailbox', mailbox,
  'school', school, 'job', ARGV[6], 'payload', ARGV[7], 'once', ARGV[8], 'state', 'pending')
if ARGV[10] ~= '' then redis.call('HSET', write, 'due', ARGV[10]) end
local isFirst = enter(mailbox, id)
if slot ~= '' then
  redis.call('HSET', write, 'slot', slot)
  local last = p .. 'last:' .. mailbox
  local before = redis.call('HGET', last, slot)
  redis.call('HSET', last, slot, id)
  if before and (redis.call('HGET', p .. 'w:' .. before, 'starts') or '0') == '0' then
    leave(mailbox, before)
    redis.call('HDEL', p .. 'w:' .. before, 'payload')
    redis.call('HSET', p .. 'w:' .. before, 'state', 'superseded', 'doneAtMs', now)
    redis.call('EXPIRE', p .. 'w:' .. before, ARGV[13])
  end
end
if not isFirst then return { fingerprint, at, '' } end
if leaseUntil == '' or redis.call('EXISTS', p .. 'paused') == 1 then
  becomesReady(mailbox, now)
  return { fingerprint, at, '' }
end
local token = redis.call('INCR', p .. 'fence')
redis.call('HSET', p .. 'turns', mailbox, token)
redis.call('HSET', p .. 'holders', mailbox, token)
redis.call('ZADD', p .. 'leases', leaseUntil, mailbox)
take(mailbox, token)
return { fingerprint, at, token }`

/**
 * Gives turns to mailboxes, fairly between schools: each time to the school that has had least.
 * ARGV: turns that may wait for a worker, now. Answers mailbox, fence, mailbox, fence… What waits in
 * line here is in the fairest order; what was given out is not reordered, so few are.
 */
export const dispatchScript = `${becomesReady}${charge}
${evenWhenFull}
local limit, now = tonumber(ARGV[1]), ARGV[2]
for _, mailbox in ipairs(redis.call('ZRANGEBYSCORE', p .. 'leases', '-inf', now, 'LIMIT', 0, 200)) do
  endTurn(mailbox)
  becomesReady(mailbox, now)
end
if redis.call('EXISTS', p .. 'paused') == 1 then return {} end
for _, mailbox in ipairs(redis.call('ZRANGEBYSCORE', p .. 'later', '-inf', now, 'LIMIT', 0, 200)) do
  redis.call('ZREM', p .. 'later', mailbox)
  becomesReady(mailbox, now)
end
local answer = {}
local waiting = redis.call('HLEN', p .. 'turns') - redis.call('HLEN', p .. 'holders')
for _ = waiting + 1, limit do
  local school = redis.call('ZRANGE', p .. 'schools', 0, 0)[1]
  if not school then break end
  local line = p .. 'line:' .. school
  local mailbox = redis.call('ZPOPMIN', line)[1]
  if not mailbox then redis.call('ZREM', p .. 'schools', school) break end
  local fence = redis.call('INCR', p .. 'fence')
  redis.call('HSET', p .. 'turns', mailbox, fence)
  redis.call('ZREM', p .. 'waiting', mailbox)
  if redis.call('ZCARD', line) == 0 then
    redis.call('ZREM', p .. 'schools', school)
  else
    charge(school)
  end
  answer[#answer + 1] = mailbox
  answer[#answer + 1] = fence
end
return answer`

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
 * Settles the write at hand. ARGV: mailbox, token, id, `applied` or `forgotten` or `parked` or
 * `again`, the reason or for `applied` the sealed answer of the origin, wait in ms, now, seconds a
 * settled write is remembered, `next` to go on with the turn, for `again`: `unknown` or `unseen`.
 * Answers nothing to who has lost the turn; the next write; or the token alone when the turn is over.
 */
export const settleScript = `${becomesReady}${take}${leave}${mayGoOn}
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
leave(mailbox, id)
if kind == 'applied' then
  redis.call('HDEL', write, 'payload')
  redis.call('HSET', write, 'state', 'applied', 'doneAtMs', now)
  if ARGV[5] ~= '' then redis.call('HSET', write, 'answer', ARGV[5]) end
  redis.call('EXPIRE', write, ARGV[8])
elseif kind == 'forgotten' then
  redis.call('DEL', write)
else
  redis.call('HSET', write, 'state', 'parked', 'reason', ARGV[5], 'doneAtMs', now)
  redis.call('ZADD', p .. 'dead', now, id)
  if ARGV[5] == 'authority-lost' then redis.call('ZADD', p .. 'lost:' .. mailbox, now, id) end
end
if redis.call('LLEN', line) == 0 then
  endTurn(mailbox)
  return { token }
end
if ARGV[9] == 'next' and mayGoOn(mailbox) then return take(mailbox, token) end
endTurn(mailbox)
becomesReady(mailbox, now)
return { token }`

/**
 * Gives back a turn nobody will take up, because what was to schedule it is gone. ARGV: mailbox,
 * fence, now. The fence proves that it is still the same turn.
 */
export const returnScript = `${becomesReady}
${evenWhenFull}
if redis.call('HGET', p .. 'turns', ARGV[1]) ~= ARGV[2] then return 0 end
endTurn(ARGV[1])
becomesReady(ARGV[1], ARGV[3])
return 1`

const driveAgain = `
local function driveAgain(id, now)
  local write = p .. 'w:' .. id
  local f = redis.call('HMGET', write, 'state', 'mailbox')
  if f[1] ~= 'parked' then return 0 end
  redis.call('ZREM', p .. 'dead', id)
  redis.call('ZREM', p .. 'lost:' .. f[2], id)
  redis.call('HSET', write, 'state', 'pending')
  redis.call('HDEL', write, 'sent', 'starts', 'tries', 'attempts', 'reason', 'doneAtMs')
  if enter(f[2], id) then becomesReady(f[2], now) end
  return 1
end`

/**
 * Puts a dead letter at the end of its mailbox again. ARGV: id, job, now. Answers 0 when it is none.
 */
export const redriveScript = `${becomesReady}${enter}${driveAgain}
local done = driveAgain(ARGV[1], ARGV[3])
if done == 1 then redis.call('HSET', p .. 'w:' .. ARGV[1], 'job', ARGV[2]) end
return done`

/**
 * Puts at the end of a mailbox again what was parked because its owner had lost the right to write
 * it: they have just logged in. Its time bound stays. ARGV: mailbox, now. Answers how many.
 */
export const ownerIsBackScript = `${becomesReady}${enter}${driveAgain}
local done = 0
for _, id in ipairs(redis.call('ZRANGE', p .. 'lost:' .. ARGV[1], 0, 199)) do
  done = done + driveAgain(id, ARGV[2])
end
return done`

/**
 * Answers writes owed, when the oldest was accepted, since when the first mailbox waits (-1
 * without), how many were ever settled, and 1 while nothing is applied.
 */
export const backlogScript = `
local p = KEYS[1]
local oldest = redis.call('ZRANGE', p .. 'heads', 0, 0, 'WITHSCORES')
local waiting = redis.call('ZRANGE', p .. 'waiting', 0, 0, 'WITHSCORES')
return { redis.call('GET', p .. 'owed') or '0', oldest[2] or '-1', waiting[2] or '-1',
  redis.call('GET', p .. 'settled') or '0', redis.call('EXISTS', p .. 'paused') }`

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
  /** Writes that were ever settled; the difference of two looks is the rate. */
  readonly settled: number
  /** Operators let nothing be applied for now. */
  readonly isPaused: boolean
}

/** The answer of `backlogScript`. */
export function readBacklog(answer: readonly unknown[]): Backlog {
  const [writes, oldest, waiting, settled, paused] = answer
  const instant = (value: unknown): number | null => (Number(value) < 0 ? null : Number(value))
  return {
    writes: Number(writes),
    oldestAtMs: instant(oldest),
    waitingSinceMs: instant(waiting),
    settled: Number(settled),
    isPaused: Number(paused) === 1,
  }
}

export const emptyBacklog: Backlog = {
  writes: 0,
  oldestAtMs: null,
  waitingSinceMs: null,
  settled: 0,
  isPaused: false,
}
