import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../core/clock.ts'
import { randomStream, unguessable } from '../../core/random.ts'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { readAssertionKey } from './assertion-key-store.ts'
import { assetTableOf } from './assets.ts'
import { Capacity, type Scheduler } from './capacity.ts'
import { controlListener } from './control-route.ts'
import { LedgerStore } from './ledger-store.ts'
import { PhaseAccounts } from './phase-accounts.ts'
import type { Portal } from './portal.ts'
import { portalListener } from './portal-route.ts'
import { assetNamesOf, routeTableOf } from './routes.ts'
import { SessionTable } from './session-table.ts'
import type { StandInSettings } from './settings.ts'
import { TicketTable } from './tickets.ts'

/** A running model portal. */
export interface StandIn {
  readonly url: string
  readonly controlUrl: string
  /** Closes every connection at once; what is in service is dropped. */
  stop(): Promise<void>
}

/** How the process reacts; `onTrouble` hears of failures of the model itself. */
export interface StandInEvents {
  readonly onCrash: () => void
  readonly onQuit: () => void
  readonly onTrouble: (error: unknown) => void
}

/** Node's default of 511 refuses connections in the first second of a surge. */
const acceptBacklog = 4_096

/** Starts the portal and its control address; `ledger` is the file of applied writes. */
export async function startStandIn(
  settings: StandInSettings & { readonly ledger: string },
  events: StandInEvents,
): Promise<StandIn> {
  const { scheduler, stopTimers } = systemScheduler()
  const accounts = new PhaseAccounts(settings.databaseSlots, scheduler.nowMs())
  const capacity = buildCapacity(settings, scheduler, accounts)
  const portal = buildPortal(settings, capacity)
  const routes = routeTableOf(referencePortal)
  const assets = assetTableOf(assetNamesOf(referencePortal))
  const { onTrouble } = events
  const server = createServer(portalListener({ portal, routes, assets, accounts, onTrouble }))
  // Longer than proxies usually keep an idle connection, so that they seldom meet a closed one.
  server.keepAliveTimeout = 75_000
  server.headersTimeout = 80_000
  server.requestTimeout = 120_000
  const control = createServer(controlListener({ portal, capacity, accounts, ...events }))
  const stop = async () => {
    stopTimers()
    await Promise.all([server, control].map(closeServer))
    portal.ledger.close()
  }
  try {
    const url = await listen(server, settings.port)
    const controlUrl = await listen(control, settings.controlPort)
    return { url, controlUrl, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function buildCapacity(
  settings: StandInSettings,
  scheduler: Scheduler,
  accounts: PhaseAccounts,
): Capacity {
  const { databaseSlots, workers = 4 * databaseSlots, identitySlots = databaseSlots } = settings
  const collapses = settings.collapse === 'on'
  return new Capacity(
    {
      databaseSlots,
      workers,
      identitySlots,
      contention: collapses ? settings.contention : 0,
      worksForNobody: collapses,
      isCold: collapses && settings.cold,
    },
    {
      scheduler,
      random: randomStream(settings.seed, 'service-times'),
      onDatabaseBusy: (slots) => accounts.databaseBusy(slots, scheduler.nowMs()),
    },
  )
}

function buildPortal(settings: StandInSettings & { ledger: string }, capacity: Capacity): Portal {
  const newName = () => unguessable(18)
  const { assertionKeyFile } = settings
  return {
    capacity,
    sessions: new SessionTable({
      idleMs: settings.sessionIdleSeconds * 1_000,
      cap: settings.sessionCap,
      formTokenMs: settings.formTokenSeconds * 1_000,
      newName,
    }),
    tickets: new TicketTable(),
    assertionKey: assertionKeyFile === undefined ? undefined : readAssertionKey(assertionKeyFile),
    ledger: new LedgerStore(settings.ledger),
    ecluseFields: settings.ecluseFields === 'on',
    deduplicates: settings.deduplicate === 'on',
    sessionLock: settings.sessionLock,
    newName,
    nowMs: () => systemClock.monotonicMs(),
    wallMs: () => systemClock.wallMs(),
    duplicatesRefused: 0,
  }
}

/** Real timers; once stopped none fires again, so nothing is applied after the ledger closes. */
function systemScheduler(): { scheduler: Scheduler; stopTimers: () => void } {
  let isStopped = false
  const after = (delayMs: number) =>
    new Promise<void>((resolve) => {
      const fire = () => {
        if (!isStopped) resolve()
      }
      // Rounded up: a slot is never held for less than its work takes.
      setTimeout(fire, Math.ceil(delayMs)).unref()
    })
  const stopTimers = () => {
    isStopped = true
  }
  return { scheduler: { nowMs: () => systemClock.monotonicMs(), after }, stopTimers }
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', backlog: acceptBacklog }, () => {
      server.off('error', reject)
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // The only error is "not running", when the other address could not be opened.
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
