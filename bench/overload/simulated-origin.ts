import { logNormalOfMean } from '../../core/distributions.ts'
import type { RandomStream } from '../../core/random.ts'
import { contentionFactor } from '../../loadtest/stand-in/collapse.ts'
import { type Faults, noFaults } from '../../loadtest/stand-in/faults.ts'
import { serviceTimeSigma } from '../../loadtest/stand-in/service-model.ts'
import type { EventQueue } from './event-queue.ts'

/** What one request asks of the origin, on average. */
export interface Work {
  readonly workerMs: number
  readonly databaseMs: number
}

export interface OriginSize {
  readonly databaseSlots: number
  readonly workers: number
  /** Service times reach `1 + contention` when every worker is busy. */
  readonly contention: number
}

/** The model portal of the rehearsals: four workers for each database slot. */
export function originOf(databaseSlots: number): OriginSize {
  return { databaseSlots, workers: databaseSlots * 4, contention: 0.6 }
}

/**
 * The capacity model of `loadtest/stand-in/capacity.ts` in virtual time and without promises, so
 * that a day of overload takes seconds. It works for people who have left, as such portals do.
 */
export class SimulatedOrigin {
  faults: Faults = noFaults
  private readonly events: EventQueue
  private readonly random: RandomStream
  private readonly size: OriginSize
  private readonly workerLine: (() => void)[] = []
  private readonly databaseLine: (() => void)[] = []
  private readonly stalled: (() => void)[] = []
  private busyWorkers = 0
  private busySlots = 0
  /** Requests it was given. */
  received = 0

  constructor(size: OriginSize, world: { events: EventQueue; random: RandomStream }) {
    this.size = size
    this.events = world.events
    this.random = world.random
  }

  /** Does the work; `done` learns how much database time an idle portal would have taken. */
  serve(work: Work, done: (nominalMs: number) => void): void {
    this.received += 1
    const start = (): void => {
      this.hold(logNormalOfMean(this.random, work.workerMs, serviceTimeSigma), () =>
        this.query(work.databaseMs, (nominalMs) => {
          this.busyWorkers -= 1
          this.next(this.workerLine)
          done(nominalMs)
        }),
      )
    }
    const begin = (): void => {
      this.busyWorkers += 1
      start()
    }
    if (this.busyWorkers < this.size.workers) begin()
    else this.workerLine.push(begin)
  }

  /** Changes what is wrong with it; a stall that ends lets go what stood still. */
  setFaults(changes: Partial<Faults>): void {
    this.faults = { ...this.faults, ...changes }
    if (this.faults.stalled) return
    for (const goOn of this.stalled.splice(0)) goOn()
  }

  private query(meanMs: number, done: (nominalMs: number) => void): void {
    if (meanMs === 0) return done(0)
    const nominalMs = logNormalOfMean(this.random, meanMs, serviceTimeSigma)
    const begin = (): void => {
      this.busySlots += 1
      this.hold(nominalMs, () => {
        this.busySlots -= 1
        this.next(this.databaseLine)
        done(nominalMs)
      })
    }
    if (this.busySlots < this.size.databaseSlots) begin()
    else this.databaseLine.push(begin)
  }

  private next(line: (() => void)[]): void {
    line.shift()?.()
  }

  private hold(nominalMs: number, then: () => void): void {
    const { workers, databaseSlots, contention } = this.size
    const crowd = { busyWorkers: this.busyWorkers, workers, databaseSlots }
    const stretch = contentionFactor(crowd, contention) * this.faults.slowFactor
    this.events.after(nominalMs * stretch, () => {
      if (this.faults.stalled) this.stalled.push(then)
      else then()
    })
  }
}
