/** What a canary may name: people by audience, and the facts of a request that select an answer. */
export type CanaryKind = 'user' | 'school' | 'role' | 'group' | 'lang' | 'host' | 'at' | 'made-for'

export interface Canary {
  readonly kind: CanaryKind
  readonly value: string
}

/** Who a session belongs to, as the portal knows it. */
export interface Identity {
  readonly user: string
  readonly school: string
  readonly role: string
  /** Names within the school: two schools have a group of the same name. */
  readonly groups: readonly string[]
}

/** The mark itself. It stands in bodies and in fields; all its characters may stand in an ETag. */
export function canary(kind: CanaryKind, value: string): string {
  return `canary(${kind}=${encodeURIComponent(value)})`
}

/** Every whole canary in a text; one that was cut is none. */
export function canariesIn(text: string): Canary[] {
  const found: Canary[] = []
  for (const [, kind, value] of text.matchAll(/canary\(([a-z-]+)=([^()\s]*)\)/g)) {
    found.push({ kind: kind as CanaryKind, value: decodeURIComponent(value as string) })
  }
  return found
}

/** Does this canary name people, and not only a page or a language? */
export function isPersonal({ kind }: Canary): boolean {
  return kind === 'user' || kind === 'school' || kind === 'role' || kind === 'group'
}

/** May this person read what bears this canary? Nobody is nobody's. */
export function isOwn({ kind, value }: Canary, person: Identity | null): boolean {
  switch (kind) {
    case 'user':
      return person?.user === value
    case 'school':
      return person?.school === value
    case 'role':
      return person?.role === value
    case 'group':
      return person !== null && person.groups.some((name) => `${person.school}/${name}` === value)
    case 'lang':
    case 'host':
    case 'at':
    case 'made-for':
      return true
  }
}
