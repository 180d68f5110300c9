import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import type { PageRule } from './page-rules.ts'

export type RulesReading =
  | { readonly kind: 'ok'; readonly rules: readonly PageRule[] }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

const pages = [...Object.keys(referencePortal.pages), 'other', 'none']

const schema = z
  .array(
    z.strictObject({
      match: z.string().min(1).max(500),
      page: z.enum(pages as [string, ...string[]]),
      role: z.enum(['pupil', 'parent', 'teacher', 'staff']).optional(),
    }),
  )
  .max(500)

/** Reads an operator's own rules; an expression that takes forever is theirs to mend. */
export async function readRules(file: string): Promise<RulesReading> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(file, 'utf8')))
    if (!parsed.success) {
      return refused(
        parsed.error.issues.map(
          ({ path, message }) => `--rules: ${file}: ${path.join('.')}: ${message}.`,
        ),
      )
    }
    const rules = parsed.data.map(({ match, page, role }) => ({
      match: new RegExp(match),
      page,
      role,
    }))
    return { kind: 'ok', rules }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return refused([`--rules: expected a readable JSON file of rules, found: ${found}.`])
  }
}

function refused(problems: readonly string[]): RulesReading {
  return { kind: 'refused', problems }
}
