import type { IncomingMessage, RequestListener } from 'node:http'
import type { Capacity } from './capacity.ts'
import { changeFaults } from './faults.ts'
import type { PhaseAccounts } from './phase-accounts.ts'
import type { Portal } from './portal.ts'

/** What the control address can see and do. */
export interface ControlRoute {
  readonly portal: Portal
  readonly capacity: Capacity
  readonly accounts: PhaseAccounts
  /** Ends the process at once, as a crash would. */
  readonly onCrash: () => void
  /** Begins a clean stop. */
  readonly onQuit: () => void
}

interface ControlAnswer {
  readonly status: number
  readonly body: object
  readonly afterwards?: () => void
}

const commandMaxBytes = 10_000
const phaseForm = /^[a-z0-9][a-z0-9-]{0,63}$/

/**
 * Commands and statistics, on a loopback address of its own. A browser is refused (it always
 * sends `Origin` on cross-site writes), so that no web page can crash a rehearsal.
 */
export function controlListener(route: ControlRoute): RequestListener {
  return (request, response) => {
    void answerTo(route, request).then(({ status, body, afterwards }) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
      })
      response.end(JSON.stringify(body), afterwards)
    })
  }
}

async function answerTo(route: ControlRoute, request: IncomingMessage): Promise<ControlAnswer> {
  const host = request.headers.host?.replace(/:\d+$/, '')
  if (request.headers.origin !== undefined || (host !== '127.0.0.1' && host !== 'localhost')) {
    return { status: 403, body: { error: 'not-for-browsers' } }
  }
  const accepted = { status: 202, body: {} }
  switch (`${request.method} ${request.url}`) {
    case 'GET /stats':
      return { status: 200, body: statistics(route) }
    case 'POST /faults':
      return setFaults(route, await readJson(request))
    case 'POST /phase':
      return startPhase(route, await readJson(request))
    case 'POST /crash':
      return { ...accepted, afterwards: route.onCrash }
    case 'POST /quit':
      return { ...accepted, afterwards: route.onQuit }
    default:
      return { status: 404, body: { error: 'not-found' } }
  }
}

function statistics({ portal, capacity, accounts }: ControlRoute): object {
  const nowMs = portal.nowMs()
  return {
    phase: accounts.phase,
    phases: accounts.snapshot(nowMs),
    inFlight: accounts.inFlight,
    queued: capacity.workers.waiting,
    workersBusy: capacity.workers.busy,
    databaseBusy: capacity.database.busy,
    sessions: portal.sessions.count(nowMs),
    writesApplied: portal.ledger.count,
    duplicatesRefused: portal.duplicatesRefused,
  }
}

function setFaults({ capacity }: ControlRoute, change: unknown): ControlAnswer {
  const reading = changeFaults(capacity.faults, change)
  if (reading.kind === 'rejected') return { status: 400, body: { problems: reading.problems } }
  capacity.setFaults(reading.faults)
  return { status: 200, body: reading.faults }
}

function startPhase({ accounts, portal }: ControlRoute, command: unknown): ControlAnswer {
  const name = (command as { name?: unknown } | undefined)?.name
  if (typeof name !== 'string' || !phaseForm.test(name)) {
    const problem = `name: expected lower-case words joined by hyphens, found ${JSON.stringify(name)}.`
    return { status: 400, body: { problems: [problem] } }
  }
  accounts.startPhase(name, portal.nowMs())
  return { status: 200, body: { phase: name } }
}

/** The body as JSON; undefined when it is not, which every command rejects with its own words. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = ''
  try {
    for await (const chunk of request) {
      text += String(chunk)
      if (text.length > commandMaxBytes) return undefined
    }
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
