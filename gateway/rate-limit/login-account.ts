/** Longest account name that is told from others. */
const accountMaxLength = 256

/**
 * The account that a login form or a JSON login names in `field`, folded so that spellings of one
 * account share one bucket; null when the body does not say.
 */
export function loginAccount(
  body: Uint8Array,
  facts: { readonly contentType: string; readonly field: string },
): string | null {
  const text = new TextDecoder().decode(body)
  const name = facts.contentType.toLowerCase().includes('json')
    ? jsonField(text, facts.field)
    : new URLSearchParams(text).get(facts.field)
  const folded = name?.normalize('NFKC').trim().toLowerCase().slice(0, accountMaxLength)
  return folded === undefined || folded === '' ? null : folded
}

function jsonField(text: string, field: string): string | null {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[field]
    return typeof value === 'string' ? value : null
  } catch {
    // No JSON after all: the origin refuses it, and the address still counts.
    return null
  }
}
