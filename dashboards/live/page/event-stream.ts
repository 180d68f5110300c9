/** One event of a stream: its name and its data, parsed. */
export interface StreamEvent {
  readonly name: string
  readonly data: unknown
}

/**
 * Takes the text of an event stream as it comes and gives the whole events in it. Events end with
 * an empty line; what is not whole yet is kept. A stream that never ends one is given up at 4 MB.
 */
export function eventReader(): (chunk: string) => readonly StreamEvent[] {
  let rest = ''
  return (chunk) => {
    const parts = (rest + chunk).split('\n\n')
    rest = parts.pop() ?? ''
    if (rest.length > restMaxLength) throw new Error('an event of the feed does not end')
    return parts.map(readEvent)
  }
}

const restMaxLength = 4_000_000

function readEvent(text: string): StreamEvent {
  let [name, data] = ['message', '']
  for (const line of text.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7)
    if (line.startsWith('data: ')) data += line.slice(6)
  }
  return { name, data: JSON.parse(data === '' ? 'null' : data) }
}
