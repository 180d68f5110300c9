/** What the gate saw between two steps of its limit. */
export interface LimitWindow {
  /** Requests that ended, whatever became of them. */
  readonly ended: number
  /** How much longer than usual those took; 1 as with time to spare, null when nobody knows. */
  readonly slowness: number | null
  /** Share of those ended that came too late for whoever asked, or not at all. */
  readonly lateRatio: number
  /** Share of the limit that was held, on average, and at most. */
  readonly heldRatio: number
  readonly peakRatio: number
  /** Work done in a second, in ms of service as it takes with time to spare. */
  readonly workPerSecond: number
}

/** The limit and what it remembers. */
export interface LimitState {
  /** `unknown`: no baseline yet; `measuring`: held low to see one; `following`: steered by it. */
  readonly phase: 'unknown' | 'measuring' | 'following'
  readonly limit: number
  /** Where the limit was when it was last right: up to here it rises fast, as TCP's slow start. */
  readonly settledLimit: number
  /** Smoothed logarithm of the slowness; null before the first. */
  readonly slownessLog: number | null
  /** Full windows since the limit was last tried a little higher. */
  readonly sinceProbe: number
  /** Logarithm of a slowness that fewer requests at once did not cure; forgotten within minutes. */
  readonly excusedLog: number
  readonly follow: Follow
}

/** Running moments of ln(limit) and ln(work), of windows in which no slot was free. */
interface Follow {
  readonly windows: number
  readonly limitMean: number
  readonly workMean: number
  readonly limitVariance: number
  readonly covariance: number
}

export interface LimitBounds {
  readonly min: number
  readonly max: number
}

/** A step comes after this long and this many samples, or after the longest time. */
export const windowMinMs = 1_000
export const windowMaxMs = 10_000
export const windowSamples = 50

/** A gate that is full and knows nothing measures with this part of its slots. */
const measuringShare = 8
/** Weight of the newest window in the slowness. */
const slownessWeight = 0.4
/** Share of the distance to the target that one step takes, in logarithms, and its bounds. */
const gain = 0.5
const stepMax = 1.25
const stepMin = 0.7
/** One step of a limit that is far below where it was right, or was never tried. */
const fastStep = 1.5
const settledWeight = 0.05
/** Below this share held, the limit is not what holds people back, so it does not rise. */
const fullRatio = 0.8
/** More late answers than this cut the limit whatever the slowness says. */
const lateMaxRatio = 0.05
const lateCut = 0.9
/** A limit that nobody needs comes down to this many times what was held at most, by and by. */
const headroom = 3
const idleStep = 0.95
/** With less held, the work done is what people asked for and says nothing about the limit. */
const telling = 0.97
/** Windows that the relation between limit and work is taken over. */
const followWindows = 20
/** Work that follows the limit this closely means that the limit starves the origin. */
const starvingSlope = 0.7
/** After so many full windows the limit is tried this much higher, for a few of them. */
const probeEvery = 60
const probeWindows = 4
const probeStep = 1.3
/** What is kept of an excuse from one window to the next: half of it after two minutes. */
const excuseKept = 0.995
/** Less variance of ln(limit) than this says nothing about a slope: about a tenth up and down. */
const tellingVariance = 0.01

/** Where a gate starts: open, until it has seen what the origin takes or is full without knowing. */
export function firstLimit({ max }: LimitBounds): LimitState {
  return {
    phase: 'unknown',
    limit: max,
    settledLimit: max,
    slownessLog: null,
    sinceProbe: 0,
    excusedLog: 0,
    follow: noFollow,
  }
}

/** With so many requests at once the origin has time to spare, and what it takes is its usual. */
export function quietLimit({ phase, limit }: LimitState, bounds: LimitBounds): number {
  switch (phase) {
    case 'following':
      return limit / 2
    case 'measuring':
      return limit
    // The limit is somebody's guess, and half of a guess may be a crowd.
    case 'unknown':
      return bounds.max / 4
  }
}

/**
 * The next limit. The slowness is steered to `1 + 0.8/√limit`: how much longer requests take when
 * the origin is kept busy without a line of its own (square-root staffing: what fluctuates about
 * n slots is of the order of √n). Three regimes:
 *
 * - more than one answer in twenty is late: down by a tenth, whatever else is true;
 * - the gate is full: towards the target, at most a quarter up or a third down;
 * - the gate has free slots: it does not rise, and comes down to three times what is needed, so
 *   that a surge meets a limit that is near.
 *
 * Full before anything is known about the origin, the gate holds it low for a window, so that what
 * it sees is not its own crowd.
 *
 * When the work done falls and rises as the limit does, fewer requests at once make the origin no
 * faster: it is slow for a reason of its own, or the baseline is wrong. So much slowness is then
 * excused, for a while, and the limit goes back up to where the origin is busy. A limit that stands
 * still would never find out, so once a minute it is tried a little higher.
 */
export function nextLimit(before: LimitState, seen: LimitWindow, bounds: LimitBounds): LimitState {
  const isFull = seen.heldRatio >= fullRatio
  const state = excusing({
    phase: before.phase,
    limit: before.limit,
    settledLimit: before.settledLimit,
    slownessLog: smoothed(before.slownessLog, seen),
    sinceProbe: isFull ? before.sinceProbe + 1 : before.sinceProbe,
    excusedLog: before.excusedLog * excuseKept,
    follow:
      seen.heldRatio >= telling ? following(before.follow, before.limit, seen) : before.follow,
  })
  const { slownessLog } = state
  if (slownessLog === null) return isFull ? measuring(state, bounds) : state
  const next = (limit: number): LimitState => ({
    ...state,
    phase: 'following',
    limit: clamp(limit, bounds),
  })
  if (seen.lateRatio > lateMaxRatio) return next(state.limit * lateCut)
  const probe = state.sinceProbe - probeEvery
  if (probe === 0) return next(state.limit * probeStep)
  if (probe > 0 && probe < probeWindows) return next(state.limit)
  if (probe >= probeWindows) return { ...next(state.limit / probeStep), sinceProbe: 0 }
  const target = Math.log(targetSlowness(state.limit)) + state.excusedLog
  const wished = Math.exp(gain * (target - slownessLog))
  if (wished > 1 && !isFull) return next(state.limit * idling(seen))
  if (wished > 1 && state.limit * fastStep < state.settledLimit) return next(state.limit * fastStep)
  const limit = state.limit * Math.min(stepMax, Math.max(stepMin, wished))
  return { ...next(limit), settledLimit: settled(state, wished) }
}

function idling({ peakRatio }: LimitWindow): number {
  return Math.min(1, Math.max(idleStep, headroom * peakRatio))
}

/** A limit above its target was never right; one about it is remembered by and by. */
function settled({ limit, settledLimit }: LimitState, wished: number): number {
  if (wished < 1 && limit < settledLimit) return limit
  return settledLimit + settledWeight * (limit - settledLimit)
}

function measuring(state: LimitState, bounds: LimitBounds): LimitState {
  return { ...state, phase: 'measuring', limit: measuringLimit(bounds) }
}

function measuringLimit(bounds: LimitBounds): number {
  return clamp(bounds.max / measuringShare, bounds)
}

/** The state, with its slowness excused if less work is all that a lower limit brought. */
function excusing(state: LimitState): LimitState {
  const { limitVariance, covariance } = state.follow
  const isSlow = (state.slownessLog ?? 0) > Math.log(targetSlowness(state.limit))
  const isStarving = limitVariance > tellingVariance && covariance > starvingSlope * limitVariance
  if (!isSlow || !isStarving) return state
  return { ...state, excusedLog: state.slownessLog ?? 0, follow: noFollow }
}

/** See `nextLimit`. */
export function targetSlowness(limit: number): number {
  return 1 + 0.8 / Math.sqrt(limit)
}

function smoothed(before: number | null, { slowness }: LimitWindow): number | null {
  if (slowness === null) return before
  const log = Math.log(slowness)
  return before === null ? log : before + slownessWeight * (log - before)
}

const noFollow: Follow = {
  windows: 0,
  limitMean: 0,
  workMean: 0,
  limitVariance: 0,
  covariance: 0,
}

function following(before: Follow, limit: number, seen: LimitWindow): Follow {
  if (seen.workPerSecond <= 0) return before
  const windows = Math.min(followWindows, before.windows + 1)
  const weight = 1 / windows
  const limitOff = Math.log(limit) - before.limitMean
  const workOff = Math.log(seen.workPerSecond) - before.workMean
  const kept = 1 - weight
  return {
    windows,
    limitMean: before.limitMean + weight * limitOff,
    workMean: before.workMean + weight * workOff,
    limitVariance: kept * (before.limitVariance + weight * limitOff * limitOff),
    covariance: kept * (before.covariance + weight * limitOff * workOff),
  }
}

function clamp(limit: number, { min, max }: LimitBounds): number {
  return Math.min(max, Math.max(Math.min(min, max), limit))
}
