import { logNormal, logNormalOfMean } from '../../core/distributions.ts'
import type { RandomStream } from '../../core/random.ts'
import { contentionFactor, slowStartFactor } from './collapse.ts'
import { type Faults, noFaults } from './faults.ts'
import { serviceTimeSigma } from './service-model.ts'
import { SlotPool } from './slot-pool.ts'

/** The clock and timers the model lives on; a test advances them with numbers. */
export interface Scheduler {
  nowMs(): number
  after(delayMs: number): Promise<void>
}

export interface CapacitySettings {
  readonly databaseSlots: number
  readonly workers: number
  /** Logins the identity provider checks at once. */
  readonly identitySlots: number
  /** Service times reach `1 + contention` when every worker is busy; 0 switches this off. */
  readonly contention: number
  /** Requests whose client has left are processed all the same. */
  readonly worksForNobody: boolean
  /** The portal has just been restarted and is slow at first. */
  readonly isCold: boolean
}

/** Median answer of the identity provider; it is not the portal's and does not collapse with it. */
const identityMedianMs = 200

/**
 * The portal's capacity as a model: no processor time is burnt, only slots are held. A request
 * waits for a worker, keeps it while it computes, waits for and holds a database slot, and lets
 * everything go. Service times are log-normal, stretched by contention, slow start and faults.
 */
export class Capacity {
  readonly workers: SlotPool
  readonly database: SlotPool
  private readonly identity: SlotPool
  private readonly locks = new Map<string, SlotPool>()
  private readonly settings: CapacitySettings
  private readonly scheduler: Scheduler
  private readonly random: RandomStream
  private readonly startedAtMs: number
  private currentFaults = noFaults
  private stall: PromiseWithResolvers<void> | undefined

  constructor(
    settings: CapacitySettings,
    world: {
      readonly scheduler: Scheduler
      readonly random: RandomStream
      readonly onDatabaseBusy: (slots: number) => void
    },
  ) {
    this.settings = settings
    this.scheduler = world.scheduler
    this.random = world.random
    this.startedAtMs = world.scheduler.nowMs()
    this.workers = new SlotPool(settings.workers)
    this.database = new SlotPool(settings.databaseSlots, world.onDatabaseBusy)
    this.identity = new SlotPool(settings.identitySlots)
  }

  get faults(): Faults {
    return this.currentFaults
  }

  setFaults(faults: Faults): void {
    this.currentFaults = faults
    if (faults.stalled) this.stall ??= Promise.withResolvers()
    else {
      this.stall?.resolve()
      this.stall = undefined
    }
  }

  /**
   * Does `work` on a worker when its turn comes. Undefined when the client had left by then and
   * the portal notices such things; a portal that collapses does not.
   */
  async serve<T>(hasLeft: () => boolean, work: () => Promise<T>): Promise<T | undefined> {
    await this.workers.acquire()
    try {
      if (hasLeft() && !this.settings.worksForNobody) return undefined
      return await work()
    } finally {
      this.workers.release()
    }
  }

  /** Keeps the worker busy for about `meanMs`. */
  async compute(meanMs: number): Promise<void> {
    await this.hold(this.draw(meanMs))
  }

  /** Waits for and holds a database slot; gives the slot time an idle portal would have taken. */
  async query(meanMs: number): Promise<number> {
    if (meanMs === 0) return 0
    const nominalMs = this.draw(meanMs)
    await this.database.acquire()
    try {
      await this.hold(nominalMs)
    } finally {
      this.database.release()
    }
    return nominalMs
  }

  /** Waits for the identity provider, the worker idle but held; false when it refuses everybody. */
  async askIdentityProvider(): Promise<boolean> {
    await this.identity.acquire()
    try {
      const answerMs = logNormal(this.random, identityMedianMs, serviceTimeSigma)
      await this.scheduler.after(answerMs + this.currentFaults.identitySlowMs)
    } finally {
      this.identity.release()
    }
    return !this.currentFaults.refuseLogins
  }

  /** Runs `action` while nothing else runs under the same key, the worker held meanwhile. */
  async locked<T>(key: string, action: () => Promise<T>): Promise<T> {
    const lock = this.locks.get(key) ?? new SlotPool(1)
    this.locks.set(key, lock)
    await lock.acquire()
    try {
      return await action()
    } finally {
      lock.release()
      if (lock.busy === 0) this.locks.delete(key)
    }
  }

  /** True for the share of requests that are to fail at the moment. */
  drawsError(): boolean {
    return this.currentFaults.errorShare > 0 && this.random.next() < this.currentFaults.errorShare
  }

  /** True for the share of applied writes whose answers are to be lost at the moment. */
  losesAnswer(): boolean {
    const { lostAnswerShare } = this.currentFaults
    return lostAnswerShare > 0 && this.random.next() < lostAnswerShare
  }

  private draw(meanMs: number): number {
    return logNormalOfMean(this.random, meanMs, serviceTimeSigma)
  }

  private async hold(nominalMs: number): Promise<void> {
    await this.scheduler.after(nominalMs * this.stretch())
    while (this.stall !== undefined) await this.stall.promise
  }

  private stretch(): number {
    const { workers, databaseSlots, contention, isCold } = this.settings
    const crowd = { busyWorkers: this.workers.busy, workers, databaseSlots }
    const coldness = isCold ? slowStartFactor(this.scheduler.nowMs() - this.startedAtMs) : 1
    return contentionFactor(crowd, contention) * coldness * this.currentFaults.slowFactor
  }
}
