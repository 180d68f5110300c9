import { test } from 'tap'
import { buildCast } from './cast-process.ts'
import type { Failure } from '../../core/failure.ts'

const patience = { readyMs: 2_000, endMs: 200 }

function script(name: string, text: string) {
  return { name, command: 'sh', parameters: ['-c', text] }
}

const ready = `echo '{"event":"ready","url":"http://127.0.0.1:1"}'`

test('a part is ready with its line of JSON, and its later lines are heard', async (t) => {
  const cast = buildCast(patience)
  const part = await cast.start(script('clock', `${ready}; sleep 0.1; echo tick; read _`))
  const heard = new Promise((resolve) => part.onLine(resolve))
  t.equal(part.ready['url'], 'http://127.0.0.1:1')
  t.equal(await heard, 'tick')
  await cast.endAll()
})

test('a part that cannot start says why, and takes the others with it', async (t) => {
  const cast = buildCast(patience)
  const other = await cast.start(script('other', `${ready}; sleep 60`))
  const failing = cast.start(script('edge', 'echo "port 80 is taken" >&2; exit 2'))
  await t.rejects(failing, {
    code: 'part-failed',
    message: /the edge ended with exit code 2; its last words:\n {2}port 80 is taken/,
  })
  t.equal((await other.exited).signal, 'SIGKILL')
  await t.rejects(cast.broken, { message: /the edge/ })
  await t.rejects(cast.start(script('late', ready)), { message: /the edge/ }, 'none may follow')
})

test('a part that never gets ready is given up', async (t) => {
  const cast = buildCast({ ...patience, readyMs: 50 })
  const silent = cast.start(script('silent', 'sleep 60'))
  await t.rejects(silent, { message: 'the silent was not ready within 0.05 s.' })
  await cast.endAll()
})

test('the log of a program without a line of JSON is its last words', async (t) => {
  const cast = buildCast(patience)
  const log = 'echo "disk full"; echo "* Ready to accept"; read _; exit 1'
  const part = await cast.start({ ...script('store', log), readyWhen: /ready to accept/i })
  const { lastWords } = (await Promise.all([part.exited, cast.endAll()]))[0]
  t.match(lastWords, /disk full/)
})

test('a part may end with the exit codes of finished work, and with no other', async (t) => {
  const rows = [
    { end: 'exit 0', breaks: false },
    { end: 'exit 4', breaks: false },
    { end: 'exit 1', breaks: true },
    { end: 'kill -9 $$', breaks: true },
  ]
  for (const { end, breaks } of rows) {
    const cast = buildCast(patience)
    let isBroken = false
    cast.broken.catch(() => {
      isBroken = true
    })
    const spec = { ...script('load', `${ready}; ${end}`), mayEndWith: [0, 4] }
    const part = await cast.start(spec).catch(() => undefined)
    await part?.exited
    await cast.endAll()
    t.equal(isBroken, breaks, end)
  }
})

test('ends parts one after the other, the last started first, however stubborn', async (t) => {
  const cast = buildCast(patience)
  const order: string[] = []
  for (const name of ['first', 'stubborn', 'last']) {
    const deaf = name === 'stubborn' ? `trap '' TERM; ` : ''
    const part = await cast.start(script(name, `${deaf}${ready}; sleep 60 & wait; wait`))
    void part.exited.then(({ signal }) => order.push(`${name} ${signal}`))
  }
  await Promise.all([cast.endAll(), cast.endAll()])
  t.strictSame(order, ['last SIGTERM', 'stubborn SIGKILL', 'first SIGTERM'])
  await t.resolves(Promise.race([cast.broken, Promise.resolve()]), 'none of this is a failure')
})

test('abandoned parts are gone at once, and the reason is the one given', async (t) => {
  const cast = buildCast({ ...patience, endMs: 60_000 })
  const part = await cast.start(script('stubborn', `trap '' TERM; ${ready}; sleep 60 & wait`))
  const why = { code: 'interrupted', message: 'enough' } as Failure
  cast.abandon(why)
  t.equal((await part.exited).signal, 'SIGKILL')
  await t.rejects(cast.broken, { code: 'interrupted' })
})
