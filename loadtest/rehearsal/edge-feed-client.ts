/** What the edge under rehearsal says of itself. */
export interface EdgeFeed {
  /** The figures of its newest row; empty before the first and once it is gone. */
  figures(): Readonly<Record<string, number | null>>
  close(): void
}

/** Follows the edge's live feed (docs/live-feed.md), as any viewer may. */
export function followEdge(operationsUrl: string): EdgeFeed {
  const stop = new AbortController()
  let names: readonly string[] = []
  let newest: Readonly<Record<string, number | null>> = {}
  const hear = (name: string, data: unknown): void => {
    if (name === 'hello') names = (data as { figures: readonly string[] }).figures
    if (name !== 'row') return
    const [, ...values] = (data as { row: readonly (number | null)[] }).row
    newest = Object.fromEntries(names.map((figure, i) => [figure, values[i] ?? null]))
  }
  const read = async (): Promise<void> => {
    const { body } = await fetch(`${operationsUrl}/live/feed`, { signal: stop.signal })
    let rest = ''
    for await (const chunk of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const events = (rest + chunk).split('\n\n')
      rest = events.pop() ?? ''
      for (const text of events) {
        const [, name = '', data = 'null'] = /^event: (.*)\ndata: (.*)$/.exec(text) ?? []
        hear(name, JSON.parse(data))
      }
    }
  }
  // The edge ends with its arm; whether it ended too early is watched elsewhere.
  void read()
    .catch(() => undefined)
    .finally(() => {
      newest = {}
    })
  return { figures: () => newest, close: () => stop.abort() }
}
