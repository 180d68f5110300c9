import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serviceMs, stallEveryMs, stallMs } from './known-times.ts'

/** Timers are late by up to this; the rest of the way is waited for turn by turn. */
const timerSlackMs = 3

/** Answers each request after a known time, and holds all that falls due in a stall to its end. */
const server = createServer((_, response) => {
  const dueMs = performance.now() + serviceMs
  const intoCycleMs = dueMs % stallEveryMs
  answerAt(response, intoCycleMs < stallMs ? dueMs - intoCycleMs + stallMs : dueMs)
})
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`)
})

function answerAt(response: ServerResponse, atMs: number): void {
  const leftMs = atMs - performance.now()
  if (leftMs > timerSlackMs) setTimeout(answerAt, leftMs - timerSlackMs, response, atMs)
  else if (leftMs > 0) setImmediate(answerAt, response, atMs)
  else response.end('answer')
}
