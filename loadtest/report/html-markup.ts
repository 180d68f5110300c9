import type { PageLanguage } from './page-language.ts'

/** Text made safe between tags and inside quoted attributes, of HTML and of XML. */
export function escapeMarkup(text: string): string {
  // Control characters are not allowed in XML 1.0 at all, not even escaped.
  return text
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** Markup that is known to be safe; a plain string in a cell is always escaped. */
export interface Markup {
  readonly markup: string
}

/** A cell: text (escaped) or finished markup. */
export type Cell = string | Markup

/**
 * A table with a caption, column headers and, in the first column, row headers. It stands in a
 * box that scrolls by keyboard too, so that a narrow screen never cuts a figure.
 */
export function table(facts: {
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}): string {
  const head = facts.columns.map((name) => `<th scope="col">${escapeMarkup(name)}</th>`).join('')
  const body = facts.rows.map(([first, ...rest]) => {
    const cells = rest.map((cell) => `<td>${markupOf(cell)}</td>`).join('')
    return `<tr><th scope="row">${markupOf(first ?? '')}</th>${cells}</tr>`
  })
  const caption = escapeMarkup(facts.caption)
  return `<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${body.join('\n')}</tbody>
</table></div>`
}

/** A part of the page a reader opens when wanted; print shows it closed. */
export function details(summary: string, content: string): string {
  return `<details><summary>${escapeMarkup(summary)}</summary>${content}</details>`
}

/** Sign and word, so that neither colour nor shape carries the meaning alone. */
export function holdsMark(holds: boolean | null, { say }: PageLanguage): Markup {
  if (holds === null) {
    return { markup: `<span class="mark unknown">– ${say('non jugé', 'not judged')}</span>` }
  }
  const [kind, sign, word] = holds
    ? ['good', '✓', say('tenu', 'holds')]
    : ['bad', '✕', say('manqué', 'missed')]
  return {
    markup: `<span class="mark ${kind}"><b aria-hidden="true">${sign}</b> ${word}</span>`,
  }
}

function markupOf(cell: Cell): string {
  return typeof cell === 'string' ? escapeMarkup(cell) : cell.markup
}
