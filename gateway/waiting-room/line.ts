/** One person's place in the line. */
export interface Place {
  readonly seq: number
  /** Unguessable; only the ticket given out for this place holds it. */
  readonly device: string
  /** People before this one, as of the last tick. */
  ahead: number
  lastPollMs: number
  /** The pace this person was told to come back at. */
  pollMs: number
  /** Came back at least once, so the ticket is kept; a client without cookies never does. */
  hasPolled: boolean
  /** When the door was opened for this place; null while it waits. */
  offeredAtMs: number | null
}

/** The line refuses to grow beyond this; about 20 MB. */
const maxPlaces = 100_000
/** A place is kept this long after its holder was last seen. */
const keptMs = 300_000
/** The same for somebody who never came back once: reloads without cookies must not fill the line. */
const keptUnprovenMs = 60_000
/** Grace on top of one late poll before an absent person's turn goes to the next. */
const absenceGraceMs = 6_000

/** The line before the door: places in order of arrival, and offers to those in front. */
export class Line {
  private readonly places = new Map<number, Place>()
  private issued = 0
  private offered = 0

  /** People who hold a place, whether or not the door is open for them. */
  get size(): number {
    return this.places.size
  }

  get waiting(): number {
    return this.places.size - this.offered
  }

  /** Offers not yet taken. */
  get outstanding(): number {
    return this.offered
  }

  /** A new last place, or null when the line is full. */
  join(device: string, nowMs: number): Place | null {
    if (this.places.size >= maxPlaces) return null
    this.issued += 1
    const place: Place = {
      seq: this.issued,
      device,
      ahead: this.waiting,
      lastPollMs: nowMs,
      pollMs: 0,
      hasPolled: false,
      offeredAtMs: null,
    }
    this.places.set(place.seq, place)
    return place
  }

  /** The place of somebody who comes back, or null when it was used, lost, or never given. */
  comeBack(ticket: { readonly seq: number; readonly device: string }, nowMs: number): Place | null {
    const place = this.places.get(ticket.seq)
    if (place === undefined || place.device !== ticket.device) return null
    place.lastPollMs = nowMs
    place.hasPolled = true
    return place
  }

  /** The place is used; its ticket is worth nothing from here on. */
  take(place: Place): void {
    if (!this.places.delete(place.seq)) return
    if (place.offeredAtMs !== null) this.offered -= 1
  }

  /** Forgets who left, and takes back offers that nobody took; how many those were. O(line). */
  sweep(nowMs: number): number {
    let untaken = 0
    for (const place of this.places.values()) {
      const silentMs = nowMs - place.lastPollMs
      if (silentMs > (place.hasPolled ? keptMs : keptUnprovenMs)) this.take(place)
      else if (
        place.offeredAtMs !== null &&
        nowMs - Math.max(place.offeredAtMs, place.lastPollMs) > patienceMs(place)
      ) {
        place.offeredAtMs = null
        this.offered -= 1
        untaken += 1
      }
    }
    return untaken
  }

  /** Opens the door for the first `count` people who are there, in order. O(line). */
  offer(count: number, nowMs: number): void {
    let left = count
    let ahead = 0
    for (const place of this.places.values()) {
      if (place.offeredAtMs !== null) continue
      const isThere = place.hasPolled && nowMs - place.lastPollMs <= patienceMs(place)
      if (left > 0 && isThere) {
        place.offeredAtMs = nowMs
        this.offered += 1
        left -= 1
      } else {
        place.ahead = ahead
        ahead += 1
      }
    }
  }
}

/** A poll at most twice as late as asked, half of that again, and a grace. */
function patienceMs(place: Place): number {
  return 3 * place.pollMs + absenceGraceMs
}
