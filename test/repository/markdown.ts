/** The cells of a table's rows, as text: code marks and escapes taken off, head and rule left out. */
export type TableRows = readonly (readonly string[])[]

/** The first table under the heading whose text is `heading`; fails when there is none. */
export function tableUnder(text: string, heading: string): TableRows {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => /^#+ /.test(line) && headingText(line) === heading)
  if (start === -1) throw new Error(`no heading "${heading}"`)
  const end = lines.findIndex((line, at) => at > start && /^#+ /.test(line))
  const section = lines.slice(start + 1, end === -1 ? undefined : end)
  const from = section.findIndex((line) => line.startsWith('|'))
  if (from === -1) throw new Error(`no table under "${heading}"`)
  const length = section.slice(from).findIndex((line) => !line.startsWith('|'))
  const rows = section.slice(from, length === -1 ? undefined : from + length)
  return rows.slice(2).map(cellsOf)
}

/** Every table of a text, as `tableUnder` gives one. */
export function tablesIn(text: string): readonly TableRows[] {
  const tables = text.split('\n\n').map((block) => block.split('\n'))
  return tables
    .filter((lines) => lines.every((line) => line.startsWith('|') || line === ''))
    .map((lines) =>
      lines
        .filter((line) => line !== '')
        .slice(2)
        .map(cellsOf),
    )
}

/** The contents of the code blocks in a language. */
export function codeBlocksIn(text: string, language: string): readonly string[] {
  const blocks = text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)
  return [...blocks].filter(([, name]) => name === language).map(([, , code]) => code as string)
}

/** Targets of the links outside code, as written. */
export function linksIn(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target as string)
}

/** The anchors that headings give a page, as code hosts make them. */
export function anchorsIn(text: string): ReadonlySet<string> {
  const headings = withoutBlocks(text).match(/^#+ .*$/gm) ?? []
  return new Set(
    headings.map((line) =>
      headingText(line)
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  )
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '')
  return inner.split(/(?<!\\)\|/).map((cell) => cell.replaceAll(/`|\\(?=\|)/g, '').trim())
}

function headingText(line: string): string {
  return line.replace(/^#+ /, '').replaceAll('`', '').trim()
}

function withoutCode(text: string): string {
  return withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '')
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, '')
}
