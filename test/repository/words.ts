/** What must not stand in any file of the repository, and why. */
interface ForbiddenWords {
  readonly pattern: RegExp
  readonly why: string
}

const forbidden: readonly ForbiddenWords[] = [
  {
    pattern: /(?<![\w.{}*@-])\/(?:work|home|Users|tmp|root)\/|[A-Z]:\\+Users\\/,
    why: 'a path of one machine means nothing on another',
  },
  { pattern: /\.\.\/shared(?![\w-])/, why: 'say the fact and its public source instead' },
  {
    pattern: /\bregistry\.(?:npmjs|yarnpkg)\b|\b(?:artifactory|verdaccio)\b/i,
    why: 'where packages come from is a setting of each machine',
  },
  { pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/, why: 'keys are made by each operator' },
]

/** Each forbidden place in a text, as `line: what (why)`. */
export function forbiddenWordsIn(text: string): string[] {
  return text.split('\n').flatMap((line, i) =>
    forbidden.flatMap(({ pattern, why }) => {
      const found = pattern.exec(line)?.[0]
      return found === undefined ? [] : [`${i + 1}: "${found}" (${why})`]
    }),
  )
}
