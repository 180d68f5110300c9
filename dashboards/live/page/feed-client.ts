import { eventReader, type StreamEvent } from './event-stream.ts'

/** Without a row for this long the connection counts as lost: rows come every second. */
const silenceMs = 5_000
const [firstPauseMs, longestPauseMs] = [500, 8_000]

export interface FeedListener {
  event(event: StreamEvent): void
  /** The feed ended, or there is none; it is tried again by itself. */
  lost(): void
  /** The server wants to know who asks; tried again when `feed.retry` is called. */
  refused(): void
}

/** Follows `/live/feed` for as long as the page is open, whatever happens to the connection. */
export function followFeed(token: () => string | null, listener: FeedListener) {
  let current = new AbortController()
  let wake: () => void = () => undefined
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const follow = async (): Promise<never> => {
    let pauseMs = firstPauseMs
    for (;;) {
      current = new AbortController()
      const end = await readFeed(token(), current, (event) => {
        pauseMs = firstPauseMs
        listener.event(event)
      })
      if (end === 'refused') {
        listener.refused()
        await pause(24 * 3_600_000)
      } else {
        listener.lost()
        // Some chance, so that a hundred pages do not come back in the same instant.
        await pause(pauseMs * (0.5 + chance()))
        pauseMs = Math.min(longestPauseMs, pauseMs * 2)
      }
    }
  }
  void follow()
  return {
    /** Asks again at once, as after signing in. */
    retry: () => {
      current.abort()
      wake()
    },
  }
}

async function readFeed(
  token: string | null,
  stop: AbortController,
  tell: (event: StreamEvent) => void,
): Promise<'ended' | 'refused'> {
  let watchdog = setTimeout(() => stop.abort(), silenceMs)
  try {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch('/live/feed', { headers, signal: stop.signal, cache: 'no-store' })
    if (response.status === 401) return 'refused'
    if (!response.ok || response.body === null) return 'ended'
    const read = eventReader()
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return 'ended'
      clearTimeout(watchdog)
      watchdog = setTimeout(() => stop.abort(), silenceMs)
      for (const event of read(value)) tell(event)
    }
  } catch {
    // Cut, silent for too long or not there: the caller says so on the page and tries again.
    return 'ended'
  } finally {
    clearTimeout(watchdog)
    stop.abort()
  }
}

function chance(): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1))
  return drawn / 2 ** 32
}
