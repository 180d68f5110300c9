import type { Policy } from './policy.ts'

export type BypassDecision =
  | { readonly kind: 'done'; readonly policy: Policy; readonly said: string }
  | { readonly kind: 'refused'; readonly problem: string }

/**
 * The next version of a policy with the bypass on or off: of the whole edge, or of some classes.
 * Off for the whole edge takes back the bypass of each class too.
 */
export function withBypass(
  policy: Policy,
  state: 'on' | 'off',
  names: readonly string[] = [],
): BypassDecision {
  const lost = names.find((name) => !policy.classes.some((one) => one.name === name))
  if (lost !== undefined) {
    return { kind: 'refused', problem: `class: no class of the policy is named "${lost}".` }
  }
  const version = policy.version + 1
  if (names.length === 0) {
    const isBypassed = state === 'on'
    const all = { ...policy, version, isBypassed }
    const next = isBypassed ? all : { ...all, bypassed: Object.freeze([]) }
    return { kind: 'done', policy: Object.freeze(next), said: `bypass ${state}` }
  }
  const others = (policy.bypassed ?? []).filter((name) => !names.includes(name))
  const bypassed = Object.freeze(state === 'on' ? [...others, ...names] : others)
  const said = `bypass ${state} for ${names.join(', ')}`
  return { kind: 'done', policy: Object.freeze({ ...policy, version, bypassed }), said }
}
