/** One setting: its kind, limits, default and meaning. The documentation is written from this. */
export type SettingDeclaration =
  | NumberDeclaration
  | { readonly kind: 'text'; readonly default?: string; readonly meaning: string }
  | { readonly kind: 'flag'; readonly default: boolean; readonly meaning: string }
  | {
      readonly kind: 'choice'
      readonly choices: readonly string[]
      readonly default?: string
      readonly meaning: string
    }

/** `unit` is printed beside the default; `integer` refuses fractions; limits are inclusive. */
export interface NumberDeclaration {
  readonly kind: 'number' | 'integer'
  readonly default?: number
  readonly min: number
  readonly max: number
  readonly unit: string
  readonly meaning: string
}

export type SettingDeclarations = Readonly<Record<string, SettingDeclaration>>

type ValueOf<D extends SettingDeclaration> = D extends NumberDeclaration
  ? number
  : D extends { kind: 'flag' }
    ? boolean
    : D extends { kind: 'choice'; choices: readonly (infer C)[] }
      ? C
      : string

/** The checked values; a setting without a default may be absent. */
export type SettingsOf<D extends SettingDeclarations> = {
  readonly [K in keyof D as D[K] extends { default: unknown } ? K : never]: ValueOf<D[K]>
} & {
  readonly [K in keyof D as D[K] extends { default: unknown } ? never : K]?: ValueOf<D[K]>
}

export type SettingsReading<D extends SettingDeclarations> =
  | { readonly kind: 'ok'; readonly settings: SettingsOf<D> }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/**
 * Checks raw values (strings from flags, typed values from files) against their declarations.
 * Unknown names and values out of range are refused, never repaired; every problem is one
 * sentence that says what was expected, what was found and which setting to change.
 */
export function readSettings<const D extends SettingDeclarations>(
  declarations: D,
  given: Readonly<Record<string, unknown>>,
): SettingsReading<D> {
  const problems: string[] = []
  const settings: Record<string, unknown> = {}
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declarations, name)) problems.push(unknownSetting(name, declarations))
  }
  for (const [name, declaration] of Object.entries(declarations)) {
    const raw = given[name]
    if (raw === undefined) {
      if (declaration.default !== undefined) settings[name] = declaration.default
      continue
    }
    const value = readValue(declaration, raw)
    if (value === undefined) {
      problems.push(`${name}: expected ${expectation(declaration)}, found ${shown(raw)}.`)
    } else settings[name] = value
  }
  if (problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'ok', settings: Object.freeze(settings) as SettingsOf<D> }
}

/** A tree of settings as dotted names: `{listen: {port: 1}}` becomes `{'listen.port': 1}`. */
export function flattenSettings(tree: unknown, prefix = ''): Record<string, unknown> {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) {
    return prefix === '' ? {} : { [prefix]: tree }
  }
  const flat: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(tree)) {
    Object.assign(flat, flattenSettings(value, prefix === '' ? name : `${prefix}.${name}`))
  }
  return flat
}

/** What a declaration accepts, in words: "a whole number from 1 to 10 (processes)". */
export function expectation(declaration: SettingDeclaration): string {
  switch (declaration.kind) {
    case 'text':
      return 'a text'
    case 'flag':
      return 'true or false'
    case 'choice':
      return `one of ${declaration.choices.join(', ')}`
    case 'integer':
    case 'number': {
      const noun = declaration.kind === 'integer' ? 'a whole number' : 'a number'
      return `${noun} from ${declaration.min} to ${declaration.max} (${declaration.unit})`
    }
  }
}

/** `pageDeadlineMs` as people type it on a command line: `--page-deadline-ms`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The name among `known` that is nearest to what was typed, if any is near enough to help. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(typed.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(2, typed.length / 3) ? best.name : undefined
}

function readValue(declaration: SettingDeclaration, raw: unknown): unknown {
  switch (declaration.kind) {
    case 'text':
      return typeof raw === 'string' && raw !== '' ? raw : undefined
    case 'flag':
      if (raw === true || raw === 'true') return true
      return raw === false || raw === 'false' ? false : undefined
    case 'choice':
      return declaration.choices.find((choice) => choice === raw)
    case 'integer':
    case 'number': {
      const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw
      if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
      if (declaration.kind === 'integer' && !Number.isInteger(value)) return undefined
      return value >= declaration.min && value <= declaration.max ? value : undefined
    }
  }
}

function unknownSetting(name: string, declarations: SettingDeclarations): string {
  const known = Object.keys(declarations)
  const near = nearest(name, known)
  const hint = near === undefined ? `known settings: ${known.join(', ')}` : `did you mean ${near}?`
  return `${name}: no such setting; ${hint}`
}

function shown(raw: unknown): string {
  const text = JSON.stringify(raw) ?? String(raw)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = a[i - 1] === b[j - 1] ? 0 : 1
      const costs = [previous[j], current[j - 1], previous[j - 1]] as [number, number, number]
      current.push(Math.min(costs[0] + 1, costs[1] + 1, costs[2] + swap))
    }
    previous = current
  }
  return previous[b.length] as number
}
