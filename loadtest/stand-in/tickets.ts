import type { Person } from './session-table.ts'

/** Unused tickets die after this long, as those of a CAS server do. */
export const ticketLifetimeMs = 60_000

/** Login tickets: issued by the login form, good for one return, within a minute. */
export class TicketTable {
  private readonly tickets = new Map<string, { person: Person; expiresAtMs: number }>()

  issue(ticket: string, person: Person, nowMs: number): void {
    for (const [old, { expiresAtMs }] of this.tickets) {
      if (expiresAtMs > nowMs) break
      this.tickets.delete(old)
    }
    this.tickets.set(ticket, { person, expiresAtMs: nowMs + ticketLifetimeMs })
  }

  /** The person the ticket was issued to; the ticket is spent. */
  redeem(ticket: string, nowMs: number): Person | undefined {
    const found = this.tickets.get(ticket)
    this.tickets.delete(ticket)
    return found !== undefined && found.expiresAtMs > nowMs ? found.person : undefined
  }
}
