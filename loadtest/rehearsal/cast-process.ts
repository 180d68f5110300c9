import { setTimeout as delay } from 'node:timers/promises'
import type { Failure } from '../../core/failure.ts'
import {
  type OwnedPart,
  type Part,
  partFailure,
  type PartPatience,
  type PartSpec,
  startPart,
} from './part-process.ts'

/** The processes of a rehearsal: started here, and ended here whatever happens. */
export interface Cast {
  /** Starts a process and waits until it is ready; fails with `part-failed` and its last words. */
  start(spec: PartSpec): Promise<Part>
  /** Kills a part as a crash would, waits `downMs`, and starts it again as it was. */
  crash(part: Part, downMs: number): Promise<void>
  /** Ends all parts, the last started first: asks each, then kills it. No failure any more. */
  endAll(): Promise<void>
  /** Kills all parts at once; nothing can be started any more, and `broken` rejects with `why`. */
  abandon(why: Failure): void
  /** Rejects when a part ends that nobody asked to: the others were killed, and none may follow. */
  readonly broken: Promise<never>
}

const usualPatience: PartPatience = { readyMs: 20_000, endMs: 8_000 }

/** An empty cast. */
export function buildCast(patience: PartPatience = usualPatience): Cast {
  const running: OwnedPart[] = []
  const asked = new Set<OwnedPart>()
  const specs = new WeakMap<OwnedPart, PartSpec>()
  let isEnding = false
  const { promise: broken, reject: breakCast } = Promise.withResolvers<never>()
  // Whoever waits on `broken` hears of it; without one it must not end the process by itself.
  broken.catch(() => undefined)
  let over: Failure | undefined

  const abandon = (why: Failure): void => {
    if (over !== undefined) return
    over = why
    breakCast(why)
    for (const part of running) {
      asked.add(part)
      part.kill()
    }
  }

  const watch = async (part: OwnedPart, mayEndWith: readonly number[]): Promise<void> => {
    const exit = await part.exited
    running.splice(running.indexOf(part), 1)
    const isFine = asked.has(part) || (exit.code !== null && mayEndWith.includes(exit.code))
    if (!isFine) abandon(partFailure(part.name, exit))
  }

  return {
    broken,
    abandon,
    async start(spec) {
      if (over !== undefined) throw over
      const part = startPart(spec, patience)
      running.push(part)
      specs.set(part, spec)
      void watch(part, spec.mayEndWith ?? [])
      await part.becomesReady
      return part
    },
    async crash(part, downMs) {
      const owned = running.find((one) => one === part)
      const spec = owned && specs.get(owned)
      if (owned === undefined || spec === undefined) throw new Error(`no ${part.name} is running`)
      asked.add(owned)
      owned.kill()
      await owned.exited
      await delay(downMs)
      // The arm may have ended meanwhile: then nobody needs it any more.
      if (isEnding || over !== undefined) return
      await this.start(spec)
    },
    async endAll() {
      isEnding = true

      for (let part = running.at(-1); part !== undefined; part = running.at(-1)) {
        asked.add(part)
        await part.end()
      }
      isEnding = false
    },
  }
}
