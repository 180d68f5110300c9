const months = 'JanFebMarAprMayJunJulAugSepOctNovDec'
const dayMs = 86_400_000

/**
 * Reads `23/Nov/2026:21:10:25` at `at` as ms of the place's own clock; NaN for anything else. The
 * day is worked out once for all lines of it.
 */
export function commonLogClock(): (text: string, at: number) => number {
  let known = ''
  let sinceMs = Number.NaN
  return (text, at) => {
    const date = text.slice(at, at + 11)
    if (date !== known) {
      const month = months.indexOf(date.slice(3, 6))
      const [year, day] = [Number(date.slice(7)), Number(date.slice(0, 2))]
      sinceMs = month < 0 ? Number.NaN : daysSince1970(year, month / 3 + 1, day) * dayMs
      known = date
    }
    return sinceMs + timeMs(text, at + 12)
  }
}

/** ISO 8601 as ms of the place's own clock: the offset is left aside. NaN for anything else. */
export function isoClockMs(text: string): number {
  const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)].map(Number)
  if (!year || !month || !day || text.charCodeAt(10) !== 84) return Number.NaN
  const fraction = /^\.\d+/.exec(text.slice(19))?.[0] ?? '.0'
  return daysSince1970(year, month, day) * dayMs + timeMs(text, 11) + Number(fraction) * 1000
}

/** Seconds since 1970 as ms of the clock of Paris, summer time included. */
export function parisClock(): (epochSeconds: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Paris',
    hour: '2-digit',
    hourCycle: 'h23',
  })
  const offsets = new Map<number, number>()
  return (epochSeconds) => {
    const hour = Math.floor(epochSeconds / 3600)
    let offsetHours = offsets.get(hour)
    if (offsetHours === undefined && Number.isFinite(hour)) {
      const there = Number(format.format(hour * 3_600_000))
      offsetHours = (there - (hour % 24) + 24) % 24
      if (offsets.size > 10_000) offsets.clear()
      offsets.set(hour, offsetHours)
    }
    return epochSeconds * 1000 + (offsetHours ?? Number.NaN) * 3_600_000
  }
}

/** Days of the Gregorian calendar, with years that begin in March so that 29 February comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const inYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + inYear - 719_468
}

/** `21:10:25` at `at`. */
function timeMs(text: string, at: number): number {
  return ((two(text, at) * 60 + two(text, at + 3)) * 60 + two(text, at + 6)) * 1000
}

function two(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48
}
