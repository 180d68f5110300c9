import type { Answer, Exchange } from '../exchange.ts'
import { reasons } from '../outcome.ts'
import { fieldsOf } from './fields.ts'
import { type PurgeTag, resourceTag, tagsOfChange } from './purge-tags.ts'
import { resourceOf } from './question.ts'

/**
 * What an unsafe request may have changed, by its answer: its own resource, those on the same host
 * that the answer names (RFC 9111 §4.4), and the groups it names (RFC 9875 §3). Where a login or
 * logout sends people is not what it changed: each login of a morning would take the home page
 * from the cache again.
 */
export function changedTags(
  exchange: Pick<Exchange, 'request' | 'policy'>,
  resource: string,
  answer: Pick<Answer, 'status' | 'outcome' | 'headers'>,
): readonly PurgeTag[] {
  if (!mayHaveChanged(answer)) return []
  const fields = fieldsOf(answer.headers)
  const names = setsSession(exchange, answer) ? [] : ['location', 'content-location']
  const named = names.map((name) => fields.get(name))
  const paths = named.flatMap((text) => pathOnHost(text, resource) ?? [])
  const others = paths.map((path) => resourceTag(resourceOf(exchange, path)))
  return [...new Set([...tagsOfChange(resource, answer.headers), ...others])]
}

/**
 * May an unsafe request that was answered so have changed something? Also when its outcome is
 * unknown; not when it never arrived at the origin, and not when the origin answered that it
 * failed: a flood of writes that fail would otherwise empty the cache just when it is needed.
 */
export function mayHaveChanged({ status, outcome }: Pick<Answer, 'status' | 'outcome'>): boolean {
  switch (outcome.kind) {
    case 'served':
      return status < 400
    case 'absorbed':
    case 'abandoned':
      return true
    case 'turned-away':
      return reasons[outcome.reason].kind === 'failed'
  }
}

function setsSession(
  { policy }: Pick<Exchange, 'policy'>,
  { headers }: Pick<Answer, 'headers'>,
): boolean {
  const start = `${policy.session.cookie}=`
  return headers.some((value, i) => {
    const isValue = i % 2 === 1 && headers[i - 1]?.toLowerCase() === 'set-cookie'
    return isValue && value.startsWith(start)
  })
}

// RFC 9111 §4.4: never another host's, or one portal could empty another's cache.
function pathOnHost(text: string | undefined, here: string): string | null {
  if (text === undefined || !URL.canParse(text, here)) return null
  const there = new URL(text, here)
  return there.origin === new URL(here).origin ? there.pathname : null
}
