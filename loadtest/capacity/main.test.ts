import { test } from 'tap'
import { ecluse } from '../../test/support/ecluse.ts'

const rows: { phrase: string; flags: string[]; code: number; says: RegExp }[] = [
  { phrase: 'no target', flags: [], code: 2, says: /--target: expected an address/ },
  {
    phrase: 'a target elsewhere',
    flags: ['--target', 'http://192.0.2.1:80'],
    code: 6,
    says: /192\.0\.2\.1 is not this machine/,
  },
  {
    phrase: 'nothing that answers',
    flags: ['--target', 'http://127.0.0.1:9', '--scale', '0.002'],
    code: 6,
    says: /127\.0\.0\.1:9/,
  },
  {
    phrase: 'durations that leave no time for an answer',
    flags: ['--target', 'http://127.0.0.1:9', '--duration', 'x0.01'],
    code: 2,
    says: /gap between pages .*: expected at least/,
  },
  { phrase: 'an unknown flag', flags: ['--targt', 'x'], code: 2, says: /did you mean target/ },
]

for (const { phrase, flags, code, says } of rows) {
  test(`wrong use ends with ${code}: ${phrase}`, async (t) => {
    const end = await ecluse('capacity', ...flags)
    t.equal(end.status, code)
    t.match(end.stderr, says)
    t.equal(end.stdout, '')
  })
}
