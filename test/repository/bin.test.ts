import { test } from 'tap'
import { ecluse } from '../support/ecluse.ts'
import { textOf } from './sources.ts'

const commands = [...textOf('bin/ecluse').matchAll(/^ {2}'?([a-z0-9-]+)'?: \['/gm)].map(
  ([, name]) => name as string,
)

test('help names every command and succeeds', async (t) => {
  t.ok(commands.length >= 10, commands.join(' '))
  for (const word of ['help', '--help']) {
    const { status, stdout, stderr } = await ecluse(word)
    t.equal(status, 0)
    t.equal(stderr, '')
    for (const command of commands) t.match(stdout, new RegExp(`^  ${command} +\\S`, 'm'))
  }
})

test('without a command the usage is shown and the exit is 2', async (t) => {
  const { status, stdout } = await ecluse()
  t.equal(status, 2)
  t.match(stdout, /^Usage: ecluse COMMAND/)
})

test('a command nobody has is refused in one sentence', async (t) => {
  for (const word of ['rehearsal', 'toString', '', '--verbose']) {
    const { status, stdout, stderr } = await ecluse(word)
    t.equal(status, 2, word)
    t.equal(stdout, '')
    t.match(stderr, /^ecluse: no such command ".*"; commands are .*\.\n$/)
  }
})

for (const command of commands) {
  test(`${command} says how it is used, and refuses what it does not know`, async (t) => {
    const [help, refusal] = await Promise.all([
      ecluse(command, '--help'),
      ecluse(command, '--no-such-flag'),
    ])
    t.match(help, { status: 0, stderr: '' })
    t.match(help.stdout, new RegExp(`^Usage: ecluse ${command}`))
    t.match(refusal, { status: 2, stdout: '' })
    t.match(refusal.stderr, /\S/)
    t.notMatch(refusal.stderr, /\n\s+at /, 'a sentence, not a stack')
  })
}
