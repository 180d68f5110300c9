import { expectation, flagOf, type SettingDeclarations } from '../../core/settings.ts'

/** Flags of the commands that speak to running edges. */
export const edgesSettings = {
  at: {
    kind: 'text',
    meaning:
      'Operations ports to speak to, such as http://10.0.0.5:8081, with commas. With every process named no Redis is needed. Absent: that of --config, else http://127.0.0.1:8081.',
  },
  config: { kind: 'text', meaning: 'The settings file of the edge, for its port and its keys.' },
  'token-file': {
    kind: 'text',
    meaning: 'File with your own token. Absent: operations.token of the keys folder in --config.',
  },
} as const satisfies SettingDeclarations

/** Who has a change, as all the edges that were asked say it together. */
export interface EdgesReach {
  readonly version: number
  readonly reached: readonly string[]
  readonly notReached: readonly string[]
  /** False when Redis could not be asked: then only the addresses named have it. */
  readonly isTold: boolean
  /** Addresses that did not answer, with the reason. */
  readonly unreachable: readonly string[]
}

/** What was done and where, in lines for a person. */
export function reachText(
  done: string,
  reach: EdgesReach,
): { readonly text: string; readonly isEverywhere: boolean } {
  const { reached, notReached, isTold, unreachable } = reach
  const count = `${reached.length} process${reached.length === 1 ? '' : 'es'}`
  const lines = [`${done} in ${count}: ${reached.join(', ')}.`]
  if (notReached.length > 0) lines.push(`Not yet said so: ${notReached.join(', ')}.`)
  for (const one of unreachable) lines.push(`No answer from ${one}.`)
  if (!isTold) {
    lines.push('No Redis tells the other processes: name each of them with --at if there are more.')
  }
  return { text: lines.join('\n'), isEverywhere: notReached.length + unreachable.length === 0 }
}

/** The exit code of a failure to speak to an edge. */
export function exitCodeOf(code: string): number {
  return code === 'edge-unreachable' ? 6 : 2
}

/** The flags in words, for `--help`. */
export function edgesUsage(): string {
  const lines = Object.entries(edgesSettings).map(
    ([name, declaration]) =>
      `  ${flagOf(name).padEnd(13)}${declaration.meaning} (${expectation(declaration)})`,
  )
  return `${lines.join('\n')}\n`
}
