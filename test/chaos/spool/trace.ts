/** What reached the system, in order. Files are named without their folder; `.` is the folder. */
export type DiskEvent =
  | {
      readonly kind: 'write'
      readonly file: string
      readonly at: number
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  | { readonly kind: 'create'; readonly file: string }
  | { readonly kind: 'unlink'; readonly file: string }
  | { readonly kind: 'sync'; readonly file: string }
  /** Promised, before this instant. */
  | { readonly kind: 'said'; readonly word: string; readonly ids: readonly string[] }

/** Reads what `strace -f -y -xx` wrote about one folder and about standard output. */
export function readTrace(lines: Iterable<string>, folder: string): DiskEvent[] {
  const begun = new Map<string, string>()
  const events: DiskEvent[] = []
  for (const line of lines) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    if (rest.endsWith(' <unfinished ...>')) {
      begun.set(thread, rest.slice(0, -' <unfinished ...>'.length))
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const call = resumed === null ? rest : `${begun.get(thread) ?? ''}${resumed[1]}`
    const event = readCall(call, folder)
    if (event !== undefined) events.push(event)
  }
  return events
}

function readCall(call: string, folder: string): DiskEvent | undefined {
  const name = call.slice(0, call.indexOf('('))
  if (/= -1 /.test(call.slice(-80))) return undefined
  const opened = call.slice(call.lastIndexOf(') = '))
  const text = name === 'openat' ? opened : call
  const path = /<([^>]*)>/.exec(text)?.[1] ?? ''
  switch (name) {
    case 'write':
      return /^write\(1[<,]/.test(call) ? readWord(call) : fileEvent(path, folder, undefined)
    case 'pwrite64': {
      const [, data = '', , at = ''] = /, "([^"]*)", (\d+), (\d+)\)/.exec(call) ?? []
      return fileEvent(path, folder, (file) => ({
        kind: 'write',
        file,
        at: Number(at),
        bytes: bytesOf(data),
      }))
    }
    case 'ftruncate': {
      const size = Number(/, (\d+)\)/.exec(call)?.[1])
      return fileEvent(path, folder, (file) => ({ kind: 'truncate', file, size }))
    }
    case 'fdatasync':
    case 'fsync':
      return fileEvent(path, folder, (file) => ({ kind: 'sync', file }))
    case 'openat':
      if (!call.includes('O_CREAT')) return undefined
      return fileEvent(path, folder, (file) => ({ kind: 'create', file }))
    case 'unlink':
    case 'unlinkat': {
      const unlinked = decoded(/"([^"]*)"/.exec(call)?.[1] ?? '')
      return fileEvent(unlinked, folder, (file) => ({ kind: 'unlink', file }))
    }
    default:
      return undefined
  }
}

function fileEvent(
  path: string,
  folder: string,
  event: ((file: string) => DiskEvent) | undefined,
): DiskEvent | undefined {
  const plain = path.includes('\\x') ? decoded(path) : path
  if (plain === folder) return event?.('.')
  if (!plain.startsWith(`${folder}/`)) return undefined
  const file = plain.slice(folder.length + 1)
  if (event === undefined) throw new Error(`${file} was written in a way that is not followed`)
  return event(file)
}

function readWord(call: string): DiskEvent | undefined {
  const text = decoded(/, "([^"]*)"/.exec(call)?.[1] ?? '')
  const [word = '', ...ids] = text.trim().split(' ')
  return word === 'ACK' || word === 'GONE' ? { kind: 'said', word, ids } : undefined
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex')
}

function decoded(text: string): string {
  return text.includes('\\x') ? Buffer.from(bytesOf(text)).toString() : text
}
