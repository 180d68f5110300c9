import type { Policy } from '../policy/policy.ts'
import type { EdgeHealth } from './health.ts'

/** What the page must know of the policy to show it and to offer its controls. */
interface PolicyInForce {
  written(): Policy
  before(): Policy | undefined
}

/** What is in force and how the edge is, for the live page. docs/live-feed.md says each. */
export function edgeState(policy: PolicyInForce, health: EdgeHealth) {
  const { version, stages, classes, closed, waitingRoom, isBypassed } = policy.written()
  return {
    version,
    isBypassed: isBypassed ?? false,
    mayRevert: policy.before() !== undefined,
    stages,
    classes: classes.map(({ name }) => ({ name, isClosed: closed.includes(name) })),
    waitingRoom: { maxInside: waitingRoom.maxInside, minInside: waitingRoom.minInside },
    health: { state: health.state, degraded: health.degraded },
  }
}
