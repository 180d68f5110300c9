import pino from 'pino'
import type { Clock } from '../../core/clock.ts'
import { accessLine, type Finished, LineSampling } from './access-line.ts'

export interface AccessLog {
  note(finished: Finished): void
  /** Writes out what is still in memory. */
  close(): Promise<void>
}

/** Lines are written together when there is this much of them, and at the latest each second. */
const bufferBytes = 8_192

/**
 * The access log: a line of JSON for finished requests, sampled (`LineSampling`), written in
 * blocks away from the request. `file` is a path, or `-` for standard output.
 */
export function openAccessLog(facts: {
  readonly file: string
  readonly oneIn: number
  readonly clock: Clock
  onFault(error: Error): void
}): AccessLog {
  const destination = pino.destination({
    dest: facts.file === '-' ? 1 : facts.file,
    minLength: bufferBytes,
    maxLength: bufferBytes * 64,
    sync: false,
    mkdir: false,
  })
  destination.on('error', facts.onFault)
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  const flushing = setInterval(() => destination.flush(), 1_000).unref()
  const sampling = new LineSampling(facts.oneIn)
  return {
    note: (finished) => {
      const weight = sampling.weigh(finished.outcome, facts.clock.monotonicMs())
      if (weight > 0) logger.info(accessLine(finished, weight))
    },
    close: () => {
      clearInterval(flushing)
      return new Promise((resolve) => {
        destination.once('close', resolve)
        destination.end()
      })
    },
  }
}
