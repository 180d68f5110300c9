import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../../core/settings.ts'
import { type StandIn, startStandIn } from './portal-process.ts'
import { standInSettings } from './settings.ts'

/** A test's end, when what it started is stopped. */
interface Ending {
  teardown(action: () => unknown): void
}

/** A folder that is gone after the test. */
export function temporaryFolder(test: Ending): string {
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-'))
  test.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A portal in this process for one test, a hundred times faster than its model unless told. */
export async function portalFor(
  test: Ending,
  given: Readonly<Record<string, unknown>> = {},
): Promise<StandIn> {
  const { ledger = join(temporaryFolder(test), 'ledger') } = given
  const reading = readSettings(standInSettings, { ...given, ledger })
  if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
  const events = { onCrash: () => {}, onQuit: () => {}, onTrouble: () => {} }
  const standIn = await startStandIn({ ...reading.settings, ledger: String(ledger) }, events)
  test.teardown(() => standIn.stop())
  await command(standIn, 'faults', { slowFactor: 0.01 })
  return standIn
}

/** Sends a command to the control address and gives its answer. */
export async function command(standIn: { controlUrl: string }, name: string, body: object) {
  const url = `${standIn.controlUrl}/${name}`
  return fetch(url, { method: 'POST', body: JSON.stringify(body) })
}

/** The statistics as a rehearsal reads them. */
export async function statisticsOf(standIn: { controlUrl: string }) {
  const answer = await fetch(`${standIn.controlUrl}/stats`)
  return (await answer.json()) as Statistics
}

interface Statistics {
  readonly phases: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly inFlight: number
  readonly queued: number
  readonly workersBusy: number
  readonly databaseBusy: number
  readonly sessions: number
  readonly writesApplied: number
  readonly duplicatesRefused: number
}

/** Pupil u17 of class c40 in school s3, unless told otherwise. */
export const pupil = { account: 'u17', school: 's3', class: 'c40', role: 'pupil' }

/** Sends the login form and gives the answer, whatever it is. */
export function postLogin(
  standIn: { url: string },
  person = pupil,
  password = `pw-${person.account}`,
): Promise<Response> {
  const body = new URLSearchParams({ ...person, password })
  return fetch(`${standIn.url}/auth/login`, { method: 'POST', body, redirect: 'manual' })
}

/** Goes through the login chain; cookie and form token as a browser would hold them. */
export async function logIn(standIn: { url: string }, person = pupil) {
  const form = await postLogin(standIn, person)
  const location = form.headers.get('location') ?? ''
  const landed = await fetch(`${standIn.url}${location}`, { redirect: 'manual' })
  const cookie = landed.headers.get('set-cookie')?.split(';')[0] ?? ''
  const me = await fetch(`${standIn.url}/api/me`, { headers: { cookie } })
  const token = me.headers.get('x-form-token') ?? ''
  const get = (path: string) =>
    fetch(`${standIn.url}${path}`, { headers: { cookie }, redirect: 'manual' })
  const write = (key: string, headers: Record<string, string> = {}) =>
    fetch(`${standIn.url}/api/messages/4/read`, {
      method: 'POST',
      body: JSON.stringify({ key, kind: 'read-receipt', text: '' }),
      headers: { cookie, 'x-form-token': token, 'idempotency-key': key, ...headers },
    })
  return { cookie, token, landed, me, get, write }
}

/** Waits until the statistics say so; fails after five seconds. */
export async function until(
  standIn: { controlUrl: string },
  isSo: (statistics: Statistics) => boolean,
): Promise<Statistics> {
  const giveUpAtMs = performance.now() + 5_000
  while (performance.now() < giveUpAtMs) {
    const statistics = await statisticsOf(standIn)
    if (isSo(statistics)) return statistics
  }
  throw new Error('the statistics never said so')
}
