import { test } from 'tap'
import { SessionTable } from './session-table.ts'
import { TicketTable, ticketLifetimeMs } from './tickets.ts'

const person = { user: 'u17', school: 's3', classId: 'c40', role: 'pupil' }

function tableOf(cap = 10) {
  let names = 0
  const newName = () => `name-${(names += 1)}`
  return new SessionTable({ idleMs: 1_000, cap, formTokenMs: 500, newName })
}

test('a session lives as long as it is used and dies when idle', async (t) => {
  const table = tableOf()
  const id = table.open(person, 0)?.id ?? ''
  t.equal(table.find(id, 999)?.person, person, 'just in time')
  t.ok(table.find(id, 1_998), 'the last use counts, not the first')
  t.notOk(table.find(id, 2_998), 'exactly idle for too long')
  t.equal(table.count(2_998), 0)
})

test('a full table refuses until somebody has gone', async (t) => {
  const table = tableOf(2)
  const first = table.open(person, 0)?.id ?? ''
  const second = table.open(person, 0)?.id ?? ''
  t.notOk(table.open(person, 500))
  table.find(first, 900)
  t.ok(table.open(person, 1_000), 'the idle one made room')
  t.notOk(table.find(second, 1_000))
  t.notOk(table.open(person, 1_000))
  table.close(first)
  t.ok(table.open(person, 1_000), 'so did the one who logged out')
})

test('time going backwards closes nothing', async (t) => {
  const table = tableOf()
  const id = table.open(person, 5_000)?.id ?? ''
  t.ok(table.find(id, 0))
})

test('a form token is good until it expires, then a new one is given', async (t) => {
  const table = tableOf()
  const session = table.open(person, 0)
  if (session === undefined) throw new Error('no session')
  const token = table.formTokenOf(session, 0)
  t.equal(table.formTokenOf(session, 499), token)
  t.ok(table.mayWrite(session, token, 499))
  t.notOk(table.mayWrite(session, 'wrong', 0))
  t.notOk(table.mayWrite(session, token, 500), 'stale')
  const renewed = table.formTokenOf(session, 500)
  t.not(renewed, token)
  t.ok(table.mayWrite(session, renewed, 999))
})

test('a ticket is good once and for a minute', async (t) => {
  const tickets = new TicketTable()
  tickets.issue('ST-1', person, 0)
  t.equal(tickets.redeem('ST-1', 10), person)
  t.equal(tickets.redeem('ST-1', 10), undefined)
  tickets.issue('ST-2', person, 0)
  t.equal(tickets.redeem('ST-2', ticketLifetimeMs), undefined)
  t.equal(tickets.redeem('', 0), undefined)
})
