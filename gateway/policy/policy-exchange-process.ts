import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import type { Policy } from './policy.ts'
import {
  followingProblem,
  isLater,
  type PolicyChange,
  type PolicyStamp,
  revertedPolicy,
} from './policy-change.ts'
import type { PolicyHolder } from './policy-store.ts'
import type { PolicyFollower, SharedPolicy } from './shared-policy-store.ts'

/** Between two looks at the shared policy; with the time of a reply it is what a change takes. */
const lookEveryMs = 250
/** How long a change waits to hear that everybody has it in force. */
const reachWithinMs = 1_000
const askEveryMs = 25

/** Who has a change in force when its answer is given. */
export interface PolicyReach {
  /** False while Redis is away, and without one: the others must be told one by one. */
  readonly isTold: boolean
  readonly reached: readonly string[]
  /** Processes that have not said so in time: stopped, cut off, or ended within the last minute. */
  readonly notReached: readonly string[]
}

export type PolicyPut =
  | { readonly kind: 'done'; readonly version: number; readonly reach: PolicyReach }
  | { readonly kind: 'refused'; readonly problem: string }

export interface PolicyExchangeFacts {
  /** This process's name among the others. */
  readonly self: string
  readonly holder: PolicyHolder
  /** Null without a volatile Redis: this process is alone. */
  readonly shared: SharedPolicy | null
  readonly clock: Clock
  /** Edge processes in all, to know whether nobody needs telling. */
  readonly processes: number
  log(line: string): void
}

/**
 * Puts policies in force here and in every process of the edge, within a second; without Redis
 * here alone. What others put in force is taken over while this runs, until it is closed.
 */
export class PolicyExchange {
  readonly #facts: PolicyExchangeFacts
  readonly #closing = new AbortController()
  readonly #firstLook = Promise.withResolvers<void>()
  readonly #looking: Promise<void>
  #latest: PolicyChange
  #said = ''

  constructor(facts: PolicyExchangeFacts) {
    this.#facts = facts
    const policy = facts.holder.written()
    const { version } = policy
    this.#latest = { version, atMs: 0, policy, from: facts.self, by: 'the start' }
    this.#looking = this.#look()
  }

  /** Fulfilled when the shared policy was looked at once, or could not be. */
  get firstLook(): Promise<void> {
    return this.#firstLook.promise
  }

  /** In force here at once; the answer comes when everybody has it, after a second at most. */
  async put(policy: Policy, by: string): Promise<PolicyPut> {
    const { holder, self, clock } = this.#facts
    const problem = followingProblem(holder.written(), policy)
    if (problem !== undefined) return { kind: 'refused', problem }
    const { version } = policy
    // The same again changes nothing: it is asked for to hear who has it.
    if (version !== this.#latest.version) {
      holder.swap(policy)
      this.#latest = { version, atMs: clock.wallMs(), policy, from: self, by }
    }
    return { kind: 'done', version, reach: await this.#tellAll(this.#latest) }
  }

  /** Puts the content of the policy before back in force, as a version of its own. */
  async revert(by: string): Promise<PolicyPut> {
    const { holder } = this.#facts
    const before = holder.before()
    if (before === undefined) return { kind: 'refused', problem: 'no earlier policy to go back to' }
    return this.put(revertedPolicy(holder.written(), before), by)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#looking
    // Who could not say goodbye is taken for ended after a minute.
    await this.#facts.shared?.leave().catch(() => undefined)
  }

  async #look(): Promise<void> {
    const { signal } = this.#closing
    const { shared } = this.#facts
    if (shared === null) return this.#firstLook.resolve()
    while (!signal.aborted) {
      // Redis is away or late: what is in force stays in force.
      await this.#lookOnce(shared).catch(() => undefined)
      this.#firstLook.resolve()
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #lookOnce(shared: SharedPolicy): Promise<void> {
    const look = await shared.look(this.#latest)
    switch (look.kind) {
      case 'nothing-newer':
        if (look.isBehind) await shared.put(this.#latest)
        break
      case 'newer':
        this.#takeOver(look.change)
        break
      case 'not-understood': {
        const { version } = this.#latest
        this.#say(`policy: that of the other processes is not taken, ${version} stays: ${look.why}`)
      }
    }
  }

  #takeOver(change: PolicyChange): void {
    // What was put in force here while the look was on its way may be later.
    if (!isLater(change, this.#latest)) return
    const { holder, log } = this.#facts
    const { version, from, by } = change
    try {
      holder.swap(change.policy)
    } catch (error) {
      this.#say(`fault: policy.lastGoodFile: ${(error as Error).message}`)
      return
    }
    this.#latest = change
    log(`policy: ${version} is in force, put at ${from} by ${by}`)
  }

  #say(line: string): void {
    if (line === this.#said) return
    this.#said = line
    this.#facts.log(line)
  }

  async #tellAll(change: PolicyChange): Promise<PolicyReach> {
    const { self, shared, clock, processes } = this.#facts
    const nobody = { reached: [self], notReached: [] }
    if (shared === null) return { isTold: processes === 1, ...nobody }
    const deadlineMs = clock.monotonicMs() + reachWithinMs
    // Redis may hang for as long as its timeout: it must not cost this change more than its second.
    const late = sleep(reachWithinMs, null)
    const told = shared.put(change).then(
      () => true,
      () => null,
    )
    if ((await Promise.race([told, late])) === null) return { isTold: false, ...nobody }
    for (;;) {
      const followers = await Promise.race([shared.followers().catch(() => null), late])
      if (followers === null) return { isTold: true, ...nobody }
      const reach = reachOf(followers, { self, change })
      if (reach.notReached.length === 0 || clock.monotonicMs() >= deadlineMs) return reach
      await sleep(askEveryMs)
    }
  }
}

function reachOf(
  followers: readonly PolicyFollower[],
  { self, change }: { readonly self: string; readonly change: PolicyStamp },
): PolicyReach {
  const others = followers.filter(({ name }) => name !== self)
  const late = others.filter((one) => isLater(change, one))
  const reached = others.filter((one) => !late.includes(one))
  const nameOf = ({ name }: PolicyFollower): string => name
  return { isTold: true, reached: [self, ...reached.map(nameOf)], notReached: late.map(nameOf) }
}
