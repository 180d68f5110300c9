/**
 * One function of the edge replaced in a test's own process: the protection it stands for is off.
 * `becomes` is an expression; `original` in it is the function as shipped.
 */
export interface Replacement {
  readonly file: string
  readonly name: string
  readonly becomes: string
}

// Every session's pages have one name, as if the hashes of all cookies were the same.
const sharedNames: Replacement = {
  file: 'gateway/cache/own-scope.ts',
  name: 'ownScope',
  becomes: '(_, generation) => `user ${generation}`',
}

/** Mutants of the edge, by what is wrong with them. Each must leak, or the leak test sees nothing. */
export const mutants = {
  'the audience is not checked': [
    { file: 'gateway/cache/audience.ts', name: 'scopeOf', becomes: "() => 'everybody'" },
  ],
  'Vary is ignored': [
    { file: 'gateway/cache/vary.ts', name: 'selectingNames', becomes: '() => []' },
  ],
  'cookies are stored': [
    {
      file: 'gateway/cache/storability.ts',
      name: 'unfitReason',
      becomes: "(facts) => (original(facts) === 'set-cookie' ? null : original(facts))",
    },
  ],
  'an unsettled session’s answer is kept': [
    { file: 'gateway/cache/cache-parts.ts', name: 'isUnsettled', becomes: '() => false' },
  ],
  'every path is classified': [
    {
      file: 'gateway/routing/target.ts',
      name: 'readTarget',
      becomes: '(target) => ({ ...original(target), isPlain: true })',
    },
  ],
  'the generation of a session’s pages is not bumped': [
    {
      file: 'gateway/cache/own-scope.ts',
      name: 'ownScope',
      becomes: '(session) => original(session, 0)',
    },
  ],
  'sessions share the names of pages, and keys come from the names': [
    sharedNames,
    {
      file: 'gateway/cache/own-scope.ts',
      name: 'sealingKey',
      becomes: '(_, name) => original(name, name)',
    },
  ],
} satisfies Record<string, readonly Replacement[]>

/** Changes that one protection outlives: nothing may leak. */
export const survivors = {
  'sessions share the names of pages, and keys come from the cookie': [sharedNames],
} satisfies Record<string, readonly Replacement[]>

export type MutantName = keyof typeof mutants | keyof typeof survivors

/** The source with that function replaced; fails when it is not there, so that no mutant is idle. */
export function mutated(source: string, { file, name, becomes }: Replacement): string {
  const declaration = new RegExp(`^(export )?function ${name}\\b`, 'm')
  const found = declaration.exec(source)
  if (!found) throw new Error(`${file} has no function ${name} to replace`)
  const shipped = source.replace(declaration, `function shipped_${name}`)
  const isExported = found[1] ?? ''
  // Function declarations are hoisted: whoever calls the name while the module loads finds it too.
  return `${shipped}
${isExported}function ${name}(...given: never[]): never {
  const original = shipped_${name} as (...given: unknown[]) => unknown
  return ((${becomes}) as (...given: unknown[]) => never)(...given)
}
`
}
