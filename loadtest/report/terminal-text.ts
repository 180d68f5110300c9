/** Colours obey `NO_COLOR` through the caller: `plain` writes no escape code at all. */
export type Palette = 'colour' | 'plain'

export type Tint = 'good' | 'bad' | 'warn' | 'soft' | 'bold'

const codes: Readonly<Record<Tint, string>> = {
  good: '32',
  bad: '31',
  warn: '33',
  soft: '2',
  bold: '1',
}

/** `text` in a colour, or as it is on a plain terminal. */
export function tint(text: string, kind: Tint, palette: Palette): string {
  return palette === 'plain' ? text : `\u001b[${codes[kind]}m${text}\u001b[0m`
}

/** Breaks text at spaces into lines of at most `width`; a longer word keeps its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/** Cuts to `width` with an ellipsis; text without escape codes only. */
export function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

const bars = '▁▂▃▄▅▆▇█'

/** The last `width` values as bars on one scale from zero to their highest. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width)
  const max = Math.max(...shown, Number.MIN_VALUE)
  return shown
    .map((value) => bars[Math.min(bars.length - 1, Math.floor((value / max) * bars.length))] ?? '▁')
    .join('')
}

/** A bar that is `ratio` full. */
export function progressBar(ratio: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, ratio)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}
