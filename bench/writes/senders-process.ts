import { type KeepaliveConnection, openMany } from '../cache/keepalive-client.ts'

/** Size of a write's content. */
export const bodyBytes = 2_000
/** Writes on their way at once. */
export const atOnce = 64

let number = 0

/** The text of one write that nobody has sent before, by one of `people`. */
function writeText(people: number): string {
  number += 1
  const person = number % people
  const key = `bench-${process.pid}-${number}`
  return (
    `POST /homework/${number % 30}/submissions HTTP/1.1\r\nHost: portail.example.fr\r\n` +
    `Cookie: PORTALSESSION=u${person}\r\nIdempotency-Key: ${key}\r\nAccept: application/json\r\n` +
    `Content-Type: text/plain\r\nContent-Length: ${bodyBytes}\r\n\r\n${content}`
  )
}

const content = 'Ce que j’ai retenu. '.replace('’', ' ').repeat(200).slice(0, bodyBytes)

/** Tells the edge whose the sessions are. */
export async function logIn(port: number, people: number): Promise<void> {
  const connections = await openMany(port, 16)
  let next = 0
  const work = async (connection: KeepaliveConnection): Promise<void> => {
    for (let person = next++; person < people; person = next++) {
      const head = `POST /login?u${person} HTTP/1.1\r\nHost: portail.example.fr\r\n`
      const { status } = await connection.send(`${head}Content-Length: 0\r\n\r\n`)
      if (status !== 200) throw new Error(`expected a login, found ${status}`)
    }
  }
  await Promise.all(connections.map(work))
  for (const connection of connections) connection.close()
}

/** Sends as fast as it is answered, until the time is over or so many are stored. */
export async function sendFlatOut(
  port: number,
  people: number,
  end: { readonly afterMs?: number; readonly writes?: number },
): Promise<{ readonly stored: number; readonly others: number; readonly seconds: number }> {
  const connections = await openMany(port, atOnce)
  const startedAtMs = performance.now()
  const untilMs = startedAtMs + (end.afterMs ?? Number.POSITIVE_INFINITY)
  const most = end.writes ?? Number.POSITIVE_INFINITY
  let sent = 0
  let stored = 0
  let others = 0
  const work = async (connection: KeepaliveConnection): Promise<void> => {
    while (performance.now() < untilMs && sent < most) {
      sent += 1
      const { status } = await connection.send(writeText(people))
      if (status === 202) stored += 1
      else others += 1
    }
  }
  await Promise.all(connections.map(work))
  const seconds = (performance.now() - startedAtMs) / 1_000
  for (const connection of connections) connection.close()
  return { stored, others, seconds }
}

/**
 * Sends at an even rate whatever is answered, and measures each from when it was due. Writes that
 * find no free connection wait for one, and their time runs.
 */
export async function sendEvenly(
  port: number,
  people: number,
  pace: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly number[]> {
  const free = await openMany(port, 4 * atOnce)
  const all = [...free]
  const takesMs: number[] = []
  const due = Math.floor(pace.perSecond * pace.seconds)
  const startedAtMs = performance.now()
  const whole = Promise.withResolvers<void>()
  let sent = 0
  const step = (): void => {
    const elapsedMs = performance.now() - startedAtMs
    const wanted = Math.min(due, Math.floor((elapsedMs * pace.perSecond) / 1_000))
    while (sent < wanted && free.length > 0) {
      const connection = free.pop() as KeepaliveConnection
      const dueAtMs = startedAtMs + (sent * 1_000) / pace.perSecond
      sent += 1
      connection.send(writeText(people)).then(({ status }) => {
        takesMs.push(status === 202 ? performance.now() - dueAtMs : Number.POSITIVE_INFINITY)
        free.push(connection)
        if (takesMs.length === due) whole.resolve()
      }, whole.reject)
    }
  }
  const stepping = setInterval(step, 1)
  try {
    await whole.promise
  } finally {
    clearInterval(stepping)
    for (const connection of all) connection.close()
  }
  return takesMs
}
