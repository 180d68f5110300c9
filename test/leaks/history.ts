import type { Ask } from './ask.ts'
import { canariesIn } from './canaries.ts'
import { pageOf } from './page.ts'
import { decodedBody, field, type RawAnswer } from './raw-answer.ts'

/** Answers kept of each page, so that a failure can tell what went before it. */
const keptOfPage = 30

/** What was asked of each page lately, and what came. */
export class History {
  readonly #pages = new Map<string, { ask: Ask; answer: RawAnswer }[]>()

  add(ask: Ask, answer: RawAnswer): void {
    const { at } = pageOf(ask.target)
    const kept = this.#pages.get(at)
    if (!kept) this.#pages.set(at, [{ ask, answer }])
    else if (kept.push({ ask, answer }) > 2 * keptOfPage) kept.splice(0, keptOfPage)
  }

  /** The failure in full: what is wrong, the request as it was sent, and the page's history. */
  told(ask: Ask, answer: RawAnswer | null, problem: string): string {
    const before = this.#pages.get(pageOf(ask.target).at) ?? []
    return [
      `request ${ask.id} of ${ask.user} for ${ask.target} ${problem}`,
      ask.bytes,
      answer ? `${answer.head}\n\n${decodedBody(answer)}` : '(no answer)',
      'the page before, oldest first:',
      ...before.slice(-keptOfPage).map(lineOf),
    ].join('\n')
  }
}

function lineOf({ ask, answer }: { ask: Ask; answer: RawAnswer }): string {
  const found = canariesIn(`${answer.head} ${decodedBody(answer)}`)
  const marks = [...new Set(found.map(({ kind, value }) => `${kind} ${value}`))].join(', ')
  const status = field(answer.fields, 'cache-status') ?? '-'
  return `${ask.id} ${ask.user} ${ask.method} ${ask.target}: ${answer.status} (${status}) ${marks}`
}
