import type { WallMs } from '../../core/clock.ts'

const weekdays = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const dayMs = 86_400_000
// The preferred format and the two obsolete ones, which recipients must read too.
const patterns = [
  /^(?<weekday>[A-Z][a-z]{2}), (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^(?<weekday>[A-Z][a-z]{2})[a-z]{3,6}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^(?<weekday>[A-Z][a-z]{2}) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
]
/** Two-digit years are of 1977 to 2076: no more than fifty years ahead (RFC 9110 §5.6.7). */
const firstOfTwoDigits = 77

/**
 * The instant an HTTP date names, in any of its three formats (RFC 9110 §5.6.7), or null when it
 * is not one.
 */
export function parseHttpDate(text: string): WallMs | null {
  for (const pattern of patterns) {
    const parts = pattern.exec(text)?.groups
    if (parts) return instantOf(parts)
  }
  return null
}

function instantOf(parts: Readonly<Record<string, string | undefined>>): WallMs | null {
  const [hour, minute, second] = (parts['time'] ?? '').split(':').map(Number)
  const month = months.indexOf(parts['month'] ?? '')
  if (month < 0) return null
  const day = Number(parts['day'])
  const year = fullYear(parts['year'] ?? '')
  const seconds = (hour ?? 0) * 3600 + (minute ?? 0) * 60 + (second ?? 0)
  const atMs = (dayNumber(year, month, day) * dayMs + seconds * 1000) as WallMs
  // Writing it again refuses 31 February, 25 o'clock and a weekday that is wrong.
  const date = `${two(day)} ${months[month]} ${String(year).padStart(4, '0')}`
  const written = `${parts['weekday']}, ${date} ${parts['time']} GMT`
  return formatHttpDate(atMs) === written ? atMs : null
}

function fullYear(digits: string): number {
  const year = Number(digits)
  if (digits.length > 2) return year
  return year < firstOfTwoDigits ? 2000 + year : 1900 + year
}

/** The preferred HTTP date of an instant, whole seconds. */
export function formatHttpDate(atMs: WallMs): string {
  const days = Math.floor(atMs / dayMs)
  const seconds = Math.floor((atMs - days * dayMs) / 1000)
  const { year, month, day } = civilDay(days)
  const weekday = weekdays[((days % 7) + 7) % 7]
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `${weekday}, ${two(day)} ${months[month]} ${String(year).padStart(4, '0')} ${time.map(two).join(':')} GMT`
}

// Proleptic Gregorian calendar in eras of 400 years, which start on 1 March so that the leap
// day comes last; 719,468 days lie between the first era and 1 January 1970.
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month < 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + day - 1
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100)
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468
}

function civilDay(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = (fromMarch + 2) % 12
  return {
    year: yearOfEra + era * 400 + (month < 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  }
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
