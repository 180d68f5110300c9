import type { Redis } from 'ioredis'
import type { PolicyChange, PolicyStamp } from './policy-change.ts'
import { readPolicy } from './policy-reader-store.ts'

/** A process that has not looked for this long is taken for ended. */
const forgottenAfterSeconds = 60

/** Signs and verifies texts under keys that rotate. */
export interface PolicySigner {
  sign(text: string): { readonly kid: string; readonly mac: string }
  verify(kid: string, text: string, mac: string): boolean
}

export interface PolicyFollower extends PolicyStamp {
  readonly name: string
}

/** What is found on the volatile Redis by a process that has `known` in force. */
export type SharedPolicyLook =
  /** The same, or nothing yet, or something earlier. */
  | { readonly kind: 'nothing-newer'; readonly isBehind: boolean }
  | { readonly kind: 'newer'; readonly change: PolicyChange }
  /** Not signed by this edge, or not a policy to this version of the program. */
  | { readonly kind: 'not-understood'; readonly version: number; readonly why: string }

/** The policy on the volatile Redis, by which processes agree. Every call may fail as Redis does. */
export interface SharedPolicy {
  /** Says by the way that `known` is in force here. */
  look(known: PolicyStamp): Promise<SharedPolicyLook>
  /** Does nothing when what is there is as new. */
  put(change: PolicyChange): Promise<void>
  /** Everybody who has looked lately, and what each has in force. */
  followers(): Promise<readonly PolicyFollower[]>
  leave(): Promise<void>
}

/** Signed, because whoever can write to that Redis must not be able to close the portal. */
export function sharedPolicy(redis: Redis, keys: PolicySigner, self: string): SharedPolicy {
  const names = ['change', 'followers'].map((part) => `ecluse:{policy}:${part}`)
  redis.defineCommand('eclusePolicyLook', { numberOfKeys: 2, lua: lookScript })
  redis.defineCommand('eclusePolicyPut', { numberOfKeys: 2, lua: putScript })
  redis.defineCommand('eclusePolicyFollowers', { numberOfKeys: 2, lua: followersScript })
  const client = redis as Redis & PolicyCommands
  return {
    look: async ({ version, atMs }) => {
      const [state, text] = await client.eclusePolicyLook(...names, version, atMs, self)
      if (state === 0) return { kind: 'nothing-newer', isBehind: text !== null }
      return readChange(text ?? '', keys)
    },
    put: async (change) => {
      const text = JSON.stringify(change)
      const { kid, mac } = keys.sign(signedText(text))
      const { version, atMs } = change
      await client.eclusePolicyPut(...names, version, atMs, `${kid}.${mac}.${text}`)
    },
    followers: async () => {
      const lines = await client.eclusePolicyFollowers(...names)
      return lines.map((line) => {
        const [name = '', version, atMs] = line.split(' ')
        return { name, version: Number(version), atMs: Number(atMs) }
      })
    },
    leave: async () => void (await redis.hdel(names[1] as string, self)),
  }
}

interface PolicyCommands {
  eclusePolicyLook(...given: readonly (string | number)[]): Promise<[number, string | null]>
  eclusePolicyPut(...given: readonly (string | number)[]): Promise<number>
  eclusePolicyFollowers(...given: readonly string[]): Promise<string[]>
}

function readChange(sealed: string, keys: PolicySigner): SharedPolicyLook {
  const [kid = '', mac = ''] = sealed.split('.', 2)
  const text = sealed.slice(kid.length + mac.length + 2)
  if (!keys.verify(kid, signedText(text), mac)) {
    return { kind: 'not-understood', version: 0, why: 'it is not signed by a key of this edge' }
  }
  const { policy, version, atMs, from, by } = JSON.parse(text) as PolicyChange
  const reading = readPolicy(JSON.stringify(policy))
  if (reading.kind === 'refused') {
    return { kind: 'not-understood', version, why: reading.problems.join(' ') }
  }
  return { kind: 'newer', change: { policy: reading.policy, version, atMs, from, by } }
}

// The purpose is part of what is signed: no token of another kind can pass for a policy.
function signedText(text: string): string {
  return `ecluse-policy-v1.${text}`
}

const common = `
local version, at = tonumber(ARGV[1]), tonumber(ARGV[2])
local there = redis.call('HMGET', KEYS[1], 'version', 'at')
local thereVersion, thereAt = tonumber(there[1]) or 0, tonumber(there[2]) or 0
`

// ARGV: version and time of what is in force at the one who looks, and its name. Answers 1 and the
// text of something later; 0 and a word when what is there is earlier.
const lookScript = `${common}
local now = redis.call('TIME')[1]
redis.call('HSET', KEYS[2], ARGV[3], table.concat({ ARGV[1], ARGV[2], now }, ' '))
if thereVersion > version or (thereVersion == version and thereAt > at) then
  return { 1, redis.call('HGET', KEYS[1], 'text') }
end
if thereVersion == version and thereAt == at then return { 0, false } end
return { 0, 'behind' }
`

// ARGV: version, time, text.
const putScript = `${common}
if thereVersion > version or (thereVersion == version and thereAt >= at) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'at', ARGV[2], 'text', ARGV[3])
return 1
`

const followersScript = `
local now, all, seen = tonumber(redis.call('TIME')[1]), redis.call('HGETALL', KEYS[2]), {}
for i = 1, #all, 2 do
  if now - tonumber(string.match(all[i + 1], '%d+$')) > ${forgottenAfterSeconds} then
    redis.call('HDEL', KEYS[2], all[i])
  else
    table.insert(seen, all[i] .. ' ' .. all[i + 1])
  end
end
return seen
`
