import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** Somebody logged in who behaves in no way like the people of the schedule. */
export interface Troublemaker {
  /** Asks for a path and throws the answer away, whatever it is. */
  ask(path: string): void
  leave(): void
}

interface Identity {
  /** A name that no account of the schedule has. */
  readonly account: string
  readonly school: string
  /** The loopback address to come from. */
  readonly address: string
}

/**
 * Logs in at `target` as the portal's own page would. Undefined when nobody let them in: the
 * trouble stays away then, which is what a door is for.
 */
export async function logInTroublemaker(
  target: string,
  identity: Identity,
): Promise<Troublemaker | undefined> {
  const { account, school, address } = identity
  const agent = new Agent({ keepAlive: true, localAddress: address })
  const cookies = new Map<string, string>()
  const call = async (method: string, path: string, body = ''): Promise<IncomingMessage> => {
    const response = await send({ target, agent, method, path, body, cookies })
    for (const line of response.headers['set-cookie'] ?? []) {
      const [name, value] = (line.split(';')[0] ?? '').split('=')
      if (name !== undefined && value !== undefined) cookies.set(name, value)
    }
    await text(response)
    return response
  }
  const form = `account=${account}&school=${school}&class=c1&role=pupil&password=pw-${account}`
  try {
    await call('GET', '/auth/login')
    const granted = await call('POST', '/auth/login', form)
    await call('GET', granted.headers.location ?? '/auth/return')
  } catch {
    // The portal or the edge cut the line; whoever is not in makes no trouble.
  }
  if (!cookies.has('PORTALSESSION')) {
    agent.destroy()
    return undefined
  }
  return {
    ask: (path) => void call('GET', path).catch(() => undefined),
    leave: () => agent.destroy(),
  }
}

function send(facts: {
  readonly target: string
  readonly agent: Agent
  readonly method: string
  readonly path: string
  readonly body: string
  readonly cookies: ReadonlyMap<string, string>
}): Promise<IncomingMessage> {
  const { target, agent, method, path, body, cookies } = facts
  const headers = {
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    // Nobody wants these answers: the portal's work on them is never useful.
    'x-rehearsal-deadline': '0',
    ...(body !== '' && { 'content-type': 'application/x-www-form-urlencoded' }),
  }
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, target), { method, agent, headers, timeout: 10_000 })
    asked.on('response', resolve)
    asked.on('timeout', () => asked.destroy(new Error('no answer in ten seconds')))
    asked.on('error', reject)
    asked.end(body)
  })
}
