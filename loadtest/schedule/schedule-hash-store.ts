import { createHash } from 'node:crypto'
import type { Schedule } from './plan.ts'

/**
 * SHA-256 of the schedule's canonical lines, in hexadecimal. Equal hashes mean the same people
 * doing the same things at the same times.
 */
export function scheduleHash(schedule: Schedule): string {
  const hash = createHash('sha256')
  for (const line of canonicalLines(schedule)) hash.update(`${line}\n`)
  return hash.digest('hex')
}

/** The schedule as NDJSON: what is played first, then one session a line. */
export function* canonicalLines(schedule: Schedule): Generator<string, void> {
  const { request, durationMs, phases, sessionCount, people, thinkCompression } = schedule
  yield JSON.stringify({
    scenario: request.scenario.name,
    profile: request.profile.name,
    scale: request.scale,
    seed: request.seed,
    durationMs,
    thinkCompression,
    people,
    phases,
    sessionCount,
  })
  for (let index = 0; index < sessionCount; index += 1) {
    yield JSON.stringify(schedule.sessionAt(index))
  }
}
