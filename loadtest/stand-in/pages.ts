import type { Audience } from './service-model.ts'
import type { Person } from './session-table.ts'

/**
 * The mark of whom an answer belongs to, found again by whoever checks that nobody got somebody
 * else's: `canary-u17-x`, `canary-c40-x`, `canary-s3-x`, `canary-r-pupil-x`. Public answers have none.
 */
export function canaryOf(audience: Audience, person: Person): string {
  switch (audience) {
    case 'public':
      return ''
    case 'role':
      return `canary-r-${person.role}-x`
    case 'school':
      return `canary-${person.school}-x`
    case 'group':
      return `canary-${person.classId}-x`
    case 'user':
      return `canary-${person.user}-x`
  }
}

/** An ASCII HTML page of `bytes`. */
export function htmlPage(page: { title: string; canary: string; bytes: number }): string {
  const head = `<!doctype html><html lang="fr"><meta charset="utf-8"><title>${page.title}</title><main data-owner="${page.canary}"><p>`
  return padded(head, '</p></main></html>', page.bytes)
}

/** An ASCII JSON object of at least `bytes`, holding `fields`. */
export function jsonPage(fields: Readonly<Record<string, unknown>>, bytes: number): string {
  return padded(`${JSON.stringify(fields).slice(0, -1)},"text":"`, '"}', bytes)
}

/** A file of `bytes` that starts with `head`. */
export function filePage(head: string, bytes: number): string {
  return padded(head, '\n', bytes)
}

/** Slices of one string cost nothing; the copy is made once, when the answer is written. */
const filler = 'lorem ipsum '.repeat(12_000)

function padded(head: string, tail: string, bytes: number): string {
  return head + filler.slice(0, Math.max(0, bytes - head.length - tail.length)) + tail
}
