import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomStream } from '../../../core/random.ts'
import { Crowd } from '../crowd.ts'
import { capacityPerSecond } from '../overload-run.ts'
import {
  type ContenderName,
  databaseSlots,
  openContender,
  openOrigin,
  type RealOrigin,
  setFaults,
} from './contenders-process.ts'
import { RealPortal, RealTimeline } from './crowd-client.ts'
import type { Seen } from './observed.ts'
import { realKinds } from './requests.ts'
import { logInAll, type Visitor } from './visitors-client.ts'

/** Load as a multiple of what the portal can do, from each time on, in ms. */
export interface RealPlan {
  readonly durationMs: number
  readonly load: (nowMs: number) => number
  /** What happens besides, and when. */
  readonly events?: readonly { readonly atMs: number; readonly run: () => unknown }[]
}

/** A portal and whoever stands before it, on sockets. */
export interface RealField {
  readonly origin: RealOrigin
  readonly visitors: readonly Visitor[]
  readonly port: number
}

/** People who may ask; each a session of their own. */
const people = 1_000

/** Opens portal and contender, logs people in at the portal itself, and closes all afterwards. */
export async function onField<R>(
  name: ContenderName,
  use: (field: RealField) => Promise<R>,
): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-overload-'))
  const origin = await openOrigin(folder)
  try {
    await setFaults(origin, { slowFactor: 0.01 })
    const visitors = await logInAll(origin.url, people)
    await setFaults(origin, { slowFactor: 1 })
    const contender = await openContender(name, join(folder, 'contender'), origin)
    try {
      const port = contender?.port ?? Number(new URL(origin.url).port)
      return await use({ origin, visitors, port })
    } finally {
      await contender?.server.end()
    }
  } finally {
    await origin.server.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The crowd of the simulation plays the plan in real time; gives what each of its requests met. */
export async function playReal(
  field: RealField,
  plan: RealPlan,
  seed = 1,
): Promise<readonly Seen[]> {
  const timeline = new RealTimeline()
  const portal = new RealPortal({ timeline, visitors: field.visitors, ports: [field.port] })
  const crowd = new Crowd({ events: timeline, random: randomStream(seed, 'crowd') }, portal, {
    schools: [{ name: 'school', pupils: people, demand: 1 }],
    kinds: realKinds,
    // Else the surge would last for minutes after its end, whoever stands before the portal.
    comeBackChance: 0,
    patienceFactor: 1,
  })
  const capacity = capacityPerSecond(databaseSlots, realKinds)
  for (const { atMs, run } of plan.events ?? []) timeline.after(atMs, run)
  crowd.arriveUntil(plan.durationMs, (nowMs) => capacity * plan.load(nowMs))
  await timeline.run(plan.durationMs)
  portal.close()
  return portal.seen
}
