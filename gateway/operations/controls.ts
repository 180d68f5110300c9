import { withBypass } from '../policy/bypass.ts'
import type { Policy, StageSwitch } from '../policy/policy.ts'

/** What an operator may do from the live page or with `POST /controls`. */
export type Control =
  | { readonly kind: 'stage'; readonly stage: StageSwitch; readonly state: 'enforce' | 'off' }
  | { readonly kind: 'class'; readonly name: string; readonly state: 'open' | 'closed' }
  | { readonly kind: 'waiting-room'; readonly maxInside: number }
  | {
      readonly kind: 'bypass'
      readonly state: 'on' | 'off'
      /** Absent: the whole edge. */
      readonly classes?: readonly string[] | undefined
    }

export type ControlDecision =
  | { readonly kind: 'done'; readonly policy: Policy; readonly said: string }
  | { readonly kind: 'refused'; readonly problem: string }

/**
 * The policy after one control: the next version of the one in force, changed in one place, so
 * that a revert takes it back. `said` is its line in the audit trail.
 */
export function applyControl(policy: Policy, control: Control): ControlDecision {
  const next = (changes: Partial<Policy>, said: string): ControlDecision => ({
    kind: 'done',
    policy: Object.freeze({ ...policy, ...changes, version: policy.version + 1 }),
    said,
  })
  switch (control.kind) {
    case 'stage': {
      const { stage, state } = control
      const stages = Object.freeze({ ...policy.stages, [stage]: state })
      return next({ stages }, `${stage} ${state === 'off' ? 'switched off' : 'switched on'}`)
    }
    case 'class': {
      const { name, state } = control
      if (!policy.classes.some((one) => one.name === name)) {
        return { kind: 'refused', problem: `class: no class of the policy is named "${name}".` }
      }
      const others = policy.closed.filter((one) => one !== name)
      const closed = Object.freeze(state === 'closed' ? [...others, name] : others)
      return next({ closed }, `class ${name} ${state === 'closed' ? 'closed' : 'opened'}`)
    }
    case 'waiting-room': {
      const { maxInside } = control
      const minInside = Math.min(policy.waitingRoom.minInside, maxInside)
      const waitingRoom = Object.freeze({ ...policy.waitingRoom, minInside, maxInside })
      return next({ waitingRoom }, `waiting room lets ${maxInside} people in at most`)
    }
    case 'bypass': {
      const { state, classes } = control
      return withBypass(policy, state, classes)
    }
  }
}
