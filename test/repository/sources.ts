import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ImportFound } from './import-rules.ts'

/** The folder of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const notOurs = new Set(['node_modules', '.git', '.tap', 'results'])

/** Files of the repository that match, as paths from its root. */
export function filesMatching(...patterns: string[]): string[] {
  const found = globSync(patterns, {
    cwd: root,
    withFileTypes: true,
    exclude: ({ name }) => notOurs.has(name) || name.endsWith('.log'),
  })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** Every import and re-export in a source text, static or dynamic. */
export function importsIn(file: string, text: string): ImportFound[] {
  const found: ImportFound[] = []
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
  const statements = [
    /^\s*(?:import|export)\s+(?<type>type\s)?[^'";]*?\bfrom\s*['"](?<name>[^'"]+)['"]/gm,
    /^\s*import\s*['"](?<name>[^'"]+)['"]/gm,
    /(?<type>typeof\s+)?\bimport\(\s*['"](?<name>[^'"]+)['"]/g,
  ]
  for (const statement of statements) {
    for (const { groups } of code.matchAll(statement)) {
      const target = resolved(file, groups?.['name'] as string)
      found.push({ target, isTypeOnly: groups?.['type'] !== undefined })
    }
  }
  return found
}

function resolved(file: string, name: string): string {
  if (name.startsWith('node:')) return name
  return name.startsWith('.') ? join(dirname(file), name) : `npm:${name}`
}
