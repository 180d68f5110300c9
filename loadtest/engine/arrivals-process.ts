import { systemClock } from '../../core/clock.ts'
import type { LoadWorld } from './person.ts'
import type { PortalClient } from './portal-client.ts'
import { endMsOf, type SchedulePlan } from './run-plan.ts'

/** The world of a real run. Its origin lies `untilOriginMs` ahead; `close` silences its timers. */
export function openWorld(
  client: PortalClient,
  untilOriginMs: number,
): LoadWorld & { readonly close: () => void } {
  const originMs = systemClock.monotonicMs() + untilOriginMs
  const originWallMs = systemClock.wallMs() + untilOriginMs
  let isClosed = false
  return {
    nowMs: () => systemClock.monotonicMs() - originMs,
    wallAtMs: (runMs) => originWallMs + runMs,
    after(delayMs, action) {
      // Sleepers must not keep a finished process alive, nor act after the end.
      const timer = setTimeout(() => {
        if (!isClosed) action()
      }, delayMs).unref()
      return () => clearTimeout(timer)
    },
    send: (outgoing) => client.send(outgoing),
    close() {
      isClosed = true
    },
  }
}

/** How the arrivals of a run ended, and how many sessions were due by then. */
export interface ArrivalsEnd {
  readonly endedBy: 'plan' | 'stopped'
  readonly due: number
}

/** Starts each session at its time, whatever became of the ones before; ends with the plan. */
export function startOnTime(facts: {
  readonly plan: SchedulePlan
  readonly world: LoadWorld
  readonly signal: AbortSignal | undefined
  /** Rejects the whole, should a session throw. */
  readonly start: (position: number) => Promise<void>
}): Promise<ArrivalsEnd> {
  const { plan, world, signal, start } = facts
  const endMs = endMsOf(plan)
  const scheduled = scheduledBefore(endMs, plan)
  return new Promise((resolve, reject) => {
    let due = 0
    let timer: NodeJS.Timeout | undefined
    const finish = (endedBy: ArrivalsEnd['endedBy']): void => {
      clearTimeout(timer)
      // A run that was stopped owes only the sessions that were due by then.
      resolve({ endedBy, due: endedBy === 'plan' ? scheduled : due })
    }
    const pump = (): void => {
      const nowMs = world.nowMs()
      while (due < scheduled && plan.startMsOf(due) <= nowMs) {
        start(due).catch(reject)
        due += 1
      }
      if (nowMs >= endMs) return finish('plan')
      const nextMs = due < scheduled ? plan.startMsOf(due) : endMs
      timer = setTimeout(pump, Math.max(0, nextMs - world.nowMs()))
    }
    if (signal?.aborted) return finish('stopped')
    signal?.addEventListener('abort', () => finish('stopped'), { once: true })
    pump()
  })
}

/** Resolves when `isQuiet`, or `limitMs` later. */
export function untilQuiet(limitMs: number, isQuiet: () => boolean): Promise<void> {
  const sinceMs = systemClock.monotonicMs()
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (!isQuiet() && systemClock.monotonicMs() - sinceMs < limitMs) return
      clearInterval(look)
      resolve()
    }, 20)
  })
}

function scheduledBefore(endMs: number, plan: SchedulePlan): number {
  let count = 0
  while (count < plan.sessionCount && plan.startMsOf(count) < endMs) count += 1
  return count
}
