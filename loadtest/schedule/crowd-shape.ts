import { minutesOfClock } from './calendar.ts'
import type { CrowdShape } from './scenario.ts'

/** Share of a crowd that has come by a minute of the day: 0 before `from`, 1 after `to`. */
export function arrivedBy(shape: CrowdShape): (minute: number) => number {
  const from = minutesOfClock(shape.from)
  const length = minutesOfClock(shape.to) - from
  const law = lawOf(shape, from, length)
  return (minute) => {
    if (minute <= from) return 0
    return minute >= from + length ? 1 : law(minute - from)
  }
}

/** Polls that are aligned on a full interval come within this. */
const alignedWithinMinutes = 1 / 6

function lawOf(shape: CrowdShape, from: number, length: number): (x: number) => number {
  switch (shape.kind) {
    case 'even':
    case 'class-burst':
      return (x) => x / length
    case 'step': {
      const { halfLifeMinutes } = shape
      const left = (x: number): number => 1 - 2 ** (-x / halfLifeMinutes)
      return (x) => left(x) / left(length)
    }
    case 'deadline': {
      // Everybody postpones: what is left to come shrinks to nothing at the deadline itself.
      const grown = (x: number): number => Math.expm1(x / shape.meanMinutes)
      return (x) => grown(x) / grown(length)
    }
    case 'triangle': {
      const rise = minutesOfClock(shape.peak) - from
      const fall = length - rise
      return (x) => {
        if (x < rise) return (x * x) / (rise * length)
        return fall === 0 ? 1 : 1 - (length - x) ** 2 / (fall * length)
      }
    }
    case 'aligned': {
      const { everyMinutes } = shape
      const polls = Math.ceil(length / everyMinutes)
      return (x) => {
        const done = Math.floor(x / everyMinutes)
        return Math.min(1, (done + Math.min(1, (x % everyMinutes) / alignedWithinMinutes)) / polls)
      }
    }
  }
}
