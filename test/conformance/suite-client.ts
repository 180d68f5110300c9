import { Agent, type IncomingMessage, request as httpRequest } from 'node:http'

/** A client for the cases, closed when they are over. */
export interface SuiteClient {
  fetch(url: string, init?: SuiteRequest): Promise<SuiteAnswer>
  close(): void
}

/**
 * Sends a case's request as it is written. Node's `fetch` does not: it adds `Cache-Control:
 * no-cache` to whatever has conditions of its own, and cannot show statuses above 599.
 */
export function openSuiteClient(): SuiteClient {
  const agent = new Agent({ keepAlive: true })
  return {
    fetch: async (url, init = {}) => {
      const answer = await send(url, init, agent)
      const text = (await answer.setEncoding('utf8').toArray()).join('')
      return {
        status: answer.statusCode as number,
        statusText: answer.statusMessage as string,
        headers: headersOf(answer),
        text: async () => text,
      }
    },
    close: () => agent.destroy(),
  }
}

function send(url: string, init: SuiteRequest, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: init.method ?? 'GET', agent })
    // One header line for each line of the case, also when they have the same name.
    const lines = new Map<string, string[]>()
    for (const [name, value] of init.headers ?? []) {
      lines.set(name, [...(lines.get(name) ?? []), value])
    }
    for (const [name, values] of lines) request.setHeader(name, values)
    request.on('error', reject)
    request.on('response', resolve)
    if (init.body !== undefined) request.setHeader('content-length', Buffer.byteLength(init.body))
    request.end(init.body)
  })
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string)
  }
  return headers
}
