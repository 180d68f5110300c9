import { exponential, logNormal } from '../../core/distributions.ts'
import { defaultUsers } from '../schedule/scenario-defaults.ts'
import type { RandomStream } from '../../core/random.ts'
import type { ImpatientUsers } from '../schedule/scenario.ts'

/**
 * How impatient people are: the scenario's parameters, and what belongs to the run. No
 * ENT-specific measurement was found: the defaults are assumed, informed by Nah (2004), Rossi,
 * Mellia and Casetti (2003) and retrial-queue practice.
 */
export interface UserModel extends ImpatientUsers {
  /** `off`: one attempt, then gives up, and never returns (what a patient script would do). */
  readonly retries: 'on' | 'off'
  /** Divides what belongs to the calendar (returning, standing in line), never patience. */
  readonly calendarCompression: number
}

/** Every default, in ms and ratios; a chance is decided anew at each event. */
export const defaultUserModel: UserModel = Object.freeze({
  retries: 'on',
  ...defaultUsers,
  calendarCompression: 1,
})

/** What went wrong with attempt number `attempt` (1, 2, ...), as the person sees it. */
export type Trouble =
  | { readonly kind: 'slow'; readonly attempt: number }
  | { readonly kind: 'error'; readonly attempt: number }
  | { readonly kind: 'turned-away'; readonly retryAfterMs: number }

/** What the person does about it. */
export type Reaction =
  | { readonly kind: 'refresh'; readonly afterMs: number }
  | { readonly kind: 'comply'; readonly afterMs: number }
  | { readonly kind: 'wait-on' }
  | { readonly kind: 'give-up' }

/** The person's reaction; the only place where persistence is decided. */
export function reactTo(trouble: Trouble, users: UserModel, random: RandomStream): Reaction {
  if (users.retries === 'off') return { kind: 'give-up' }
  switch (trouble.kind) {
    case 'slow': {
      const refresh = refreshChanceOf(trouble.attempt, users)
      const draw = random.next()
      if (draw < refresh) return { kind: 'refresh', afterMs: 0 }
      return draw < refresh + users.waitOnChance ? { kind: 'wait-on' } : { kind: 'give-up' }
    }
    case 'error': {
      if (random.next() >= refreshChanceOf(trouble.attempt, users)) return { kind: 'give-up' }
      return { kind: 'refresh', afterMs: exponential(random, users.refreshAfterMeanMs) }
    }
    case 'turned-away': {
      if (random.next() >= users.complyChance) {
        return { kind: 'refresh', afterMs: exponential(random, users.refreshAfterMeanMs) }
      }
      const jitter = 1 + users.complyJitterRatio * random.next()
      return { kind: 'comply', afterMs: Math.max(complyMinMs, trouble.retryAfterMs * jitter) }
    }
  }
}

/** What a person does about a write that was not confirmed. */
export type WriteReaction = 'click-again' | 'reopen-form' | 'give-up'

/** Decides between the same key again, a new key, and leaving it. */
export function reactToUnconfirmed(users: UserModel, random: RandomStream): WriteReaction {
  if (users.retries === 'off') return 'give-up'
  const draw = random.next()
  if (draw < users.clickAgainChance) return 'click-again'
  return draw < users.clickAgainChance + users.reopenFormChance ? 'reopen-form' : 'give-up'
}

/** Ms until the page's script repeats a call that was turned away, or undefined: it does not. */
export function scriptRetryMs(
  retryAfterMs: number,
  users: UserModel,
  random: RandomStream,
): number | undefined {
  if (users.retries === 'off' || retryAfterMs > users.scriptRetryMaxMs) return undefined
  return random.next() < users.complyChance ? retryAfterMs : undefined
}

/** How long a person bears one attempt at a page, or at logging in. */
export function patienceMs(
  kind: 'page' | 'login' | 'write',
  users: UserModel,
  random: RandomStream,
): number {
  const median = kind === 'login' ? users.loginPatienceMedianMs : users.patienceMedianMs
  return logNormal(random, median, users.patienceSigma)
}

/** How long a person stands in line, in all, during one visit. */
export function patienceInLineMs(users: UserModel, random: RandomStream): number {
  const median = users.patienceInLineMedianMs / users.calendarCompression
  return logNormal(random, median, users.patienceInLineSigma)
}

/** Ms until someone who gave up comes back, or undefined: lost. */
export function returnAfterMs(users: UserModel, random: RandomStream): number | undefined {
  if (users.retries === 'off' || random.next() >= users.returnChance) return undefined
  return logNormal(random, users.returnMedianMs / users.calendarCompression, users.returnSigma)
}

/** Even someone told `Retry-After: 0` needs this long; keeps a careless server from a busy loop. */
const complyMinMs = 500

function refreshChanceOf(attempt: number, users: UserModel): number {
  return users.refreshChance * users.refreshDecay ** (attempt - 1)
}
