/**
 * Parts of the scripts in `mailbox-scripts.ts`, which says what lies where. Each is Lua that defines
 * functions; a script puts together what it needs.
 */

// A full Redis refuses commands that may take memory, unless the script has already written: what
// settles a write must go through, it is what frees memory.
export const evenWhenFull = `redis.call('DEL', p .. 'none')`

/**
 * `becomesReady(mailbox, now)`: one with writes stands in its school's line. Writes with a deadline
 * go first, by deadline; all others after them, by when their mailbox came.
 */
export const becomesReady = `
local p = KEYS[1]
local afterDeadlines = 10000000000000
local function becomesReady(mailbox, now)
  local id = redis.call('LINDEX', p .. 'm:' .. mailbox, 0)
  if not id then return end
  local f = redis.call('HMGET', p .. 'w:' .. id, 'school', 'due')
  local school, due = f[1] or '', tonumber(f[2] or '')
  local line = p .. 'line:' .. school
  redis.call('ZADD', p .. 'waiting', now, mailbox)
  redis.call('ZADD', line, due or (tonumber(now) + afterDeadlines), mailbox)
  if redis.call('ZCARD', line) == 1 then
    -- A school that comes back starts level with the one that has had least, not with its past.
    local least = redis.call('ZRANGE', p .. 'schools', 0, 0, 'WITHSCORES')
    redis.call('ZADD', p .. 'schools', least[2] or '0', school)
  end
end
local function endTurn(mailbox)
  redis.call('HDEL', p .. 'turns', mailbox)
  redis.call('HDEL', p .. 'holders', mailbox)
  redis.call('ZREM', p .. 'leases', mailbox)
end`

/**
 * `take(mailbox, token)`: the first write of a mailbox, marked as being sent. Answers token and
 * write, or only the token when nothing is left.
 */
export const take = `
local function take(mailbox, token)
  local id = redis.call('LINDEX', p .. 'm:' .. mailbox, 0)
  if not id then return { token } end
  local write = p .. 'w:' .. id
  local starts = redis.call('HINCRBY', write, 'starts', 1)
  local f = redis.call('HMGET', write, 'job', 'payload', 'attempts', 'tries', 'sent', 'once')
  if f[6] ~= '' then redis.call('HSET', write, 'sent', '1') end
  return { token, id, f[1] or '', f[2] or '', f[3] or '0', f[4] or '0', f[5] or '0', starts }
end`

/**
 * `leave(mailbox, id)`: a write that is settled is owed no more. The list it lay in, what stands for
 * the last value of its slot, and the age of its mailbox follow.
 */
export const leave = `
local function leave(mailbox, id)
  local line = p .. 'm:' .. mailbox
  if redis.call('LREM', line, 1, id) == 0 then return end
  redis.call('DECR', p .. 'owed')
  redis.call('INCR', p .. 'settled')
  local slot, last = redis.call('HGET', p .. 'w:' .. id, 'slot'), p .. 'last:' .. mailbox
  if slot and redis.call('HGET', last, slot) == id then redis.call('HDEL', last, slot) end
  local head = redis.call('LINDEX', line, 0)
  if head then
    redis.call('ZADD', p .. 'heads', redis.call('HGET', p .. 'w:' .. head, 'acceptedAtMs'), mailbox)
  else
    redis.call('ZREM', p .. 'heads', mailbox)
  end
end`

/**
 * `enter(mailbox, id)`: a write goes to the end of its mailbox. Answers whether the mailbox was
 * empty, so that it has no turn and stands in no line.
 */
export const enter = `
local function enter(mailbox, id)
  redis.call('INCR', p .. 'owed')
  if redis.call('RPUSH', p .. 'm:' .. mailbox, id) > 1 then return false end
  redis.call('ZADD', p .. 'heads', redis.call('HGET', p .. 'w:' .. id, 'acceptedAtMs'), mailbox)
  return true
end`

/** `charge(school)`: a school that waits has had one write more, by its weight. */
export const charge = `
local function charge(school)
  local weight = tonumber(redis.call('HGET', p .. 'weights', school) or '1')
  redis.call('ZINCRBY', p .. 'schools', 1 / weight, school)
end`

/**
 * `mayGoOn(mailbox)`: a turn goes on with the next write unless a school waits that has had less.
 * Fair are writes, not turns: those of a school that floods are long.
 */
export const mayGoOn = `${charge}
local function mayGoOn(mailbox)
  local least = redis.call('ZRANGE', p .. 'schools', 0, 0)[1]
  if not least then return true end
  local id = redis.call('LINDEX', p .. 'm:' .. mailbox, 0)
  local school = redis.call('HGET', p .. 'w:' .. id, 'school') or ''
  if not redis.call('ZSCORE', p .. 'schools', school) then return false end
  charge(school)
  return redis.call('ZRANGE', p .. 'schools', 0, 0)[1] == school
end`
