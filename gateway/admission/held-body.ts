import type { BodySink, BodySource } from '../exchange.ts'

/** How a body ended: whole, broken, or unwanted. */
export type BodyEnd = 'ended' | 'failed' | 'cancelled'

/** The same body, which calls `onOver` exactly once when nothing more will come of it. */
export function watchBody(body: BodySource, onOver: (end: BodyEnd) => void): BodySource {
  let isOver = false
  const over = (end: BodyEnd): void => {
    if (isOver) return
    isOver = true
    onOver(end)
  }
  return {
    start(sink) {
      try {
        body.start(watchSink(sink, over))
      } catch (error) {
        over('failed')
        throw error
      }
    },
    cancel() {
      over('cancelled')
      body.cancel()
    },
  }
}

/** `over` comes first, so that a sink that throws cannot keep the slot. */
function watchSink(sink: BodySink, over: (end: BodyEnd) => void): BodySink {
  return {
    write: (chunk) => sink.write(chunk),
    end: () => {
      over('ended')
      sink.end()
    },
    fail: (error) => {
      over('failed')
      sink.fail(error)
    },
    flow: (handle) =>
      sink.flow({
        resume: () => handle.resume(),
        cancel: () => {
          over('cancelled')
          handle.cancel()
        },
      }),
  }
}
