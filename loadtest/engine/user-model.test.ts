import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import {
  defaultUserModel as users,
  patienceMs,
  type Reaction,
  reactTo,
  reactToUnconfirmed,
  returnAfterMs,
  scriptRetryMs,
  type Trouble,
} from './user-model.ts'

const draws = 100_000
/** Four standard errors of a share near one half, over `draws`. */
const margin = 0.0064

function shareOf<T>(draw: () => T, isCounted: (value: T) => boolean): number {
  let counted = 0
  for (let i = 0; i < draws; i += 1) if (isCounted(draw())) counted += 1
  return counted / draws
}

test('people refresh less each time: 0.7 * 0.8^(j-1)', async (t) => {
  const random = randomStream(1, 'refresh')
  for (const [attempt, expect] of [
    [1, 0.7],
    [2, 0.56],
    [3, 0.448],
    [10, 0.094],
  ] as const) {
    for (const kind of ['slow', 'error'] as const) {
      const trouble: Trouble = { kind, attempt }
      const share = shareOf(
        () => reactTo(trouble, users, random),
        (reaction) => reaction.kind === 'refresh',
      )
      t.ok(Math.abs(share - expect) < margin, `${kind}, attempt ${attempt}: ${share}`)
    }
  }
})

test('when a page is slow, 15 % wait on whatever the attempt', async (t) => {
  const random = randomStream(2, 'wait')
  const isWaiting = (reaction: Reaction): boolean => reaction.kind === 'wait-on'
  for (const attempt of [1, 5]) {
    const share = shareOf(() => reactTo({ kind: 'slow', attempt }, users, random), isWaiting)
    t.ok(Math.abs(share - 0.15) < margin, String(share))
  }
})

test('nine in ten obey Retry-After, up to a fifth later than told and never earlier', async (t) => {
  const random = randomStream(3, 'comply')
  let complied = 0
  let earliestMs = Number.POSITIVE_INFINITY
  let latestMs = 0
  for (let i = 0; i < draws; i += 1) {
    const reaction = reactTo({ kind: 'turned-away', retryAfterMs: 10_000 }, users, random)
    if (reaction.kind !== 'comply') continue
    complied += 1
    earliestMs = Math.min(earliestMs, reaction.afterMs)
    latestMs = Math.max(latestMs, reaction.afterMs)
  }
  t.ok(Math.abs(complied / draws - 0.9) < margin)
  t.ok(earliestMs >= 10_000 && latestMs <= 12_000 && latestMs > 11_900)
})

test('Retry-After: 0 does not make people poll in a busy loop', async (t) => {
  const always = { ...users, complyChance: 1 }
  const reaction = reactTo({ kind: 'turned-away', retryAfterMs: 0 }, always, randomStream(4))
  t.strictSame(reaction, { kind: 'comply', afterMs: 500 })
})

test('unconfirmed writes are clicked again by half, reopened by a tenth', async (t) => {
  const random = randomStream(5, 'write')
  const react = () => reactToUnconfirmed(users, random)
  const again = shareOf(react, (reaction) => reaction === 'click-again')
  const reopened = shareOf(react, (reaction) => reaction === 'reopen-form')
  t.ok(Math.abs(again - 0.5) < margin)
  t.ok(Math.abs(reopened - 0.1) < margin)
})

test('patience has its medians: 10 s for a page, 15 s for a login', async (t) => {
  const random = randomStream(6, 'patience')
  const isShort = (limit: number) => (ms: number) => ms < limit
  const page = shareOf(() => patienceMs('page', users, random), isShort(10_000))
  const login = shareOf(() => patienceMs('login', users, random), isShort(15_000))
  t.ok(Math.abs(page - 0.5) < margin)
  t.ok(Math.abs(login - 0.5) < margin)
})

test('60 % of those who gave up return, at a median that follows the calendar', async (t) => {
  const random = randomStream(7, 'return')
  const compressed = { ...users, calendarCompression: 20 }
  const away = Array.from({ length: draws }, () => returnAfterMs(compressed, random))
  const back = away.filter((ms) => ms !== undefined)
  t.ok(Math.abs(back.length / draws - 0.6) < margin)
  const early = back.filter((ms) => ms < 45_000).length / back.length
  t.ok(Math.abs(early - 0.5) < 0.009, String(early))
})

test('a page script repeats a call only for a short Retry-After', async (t) => {
  const always = { ...users, complyChance: 1 }
  for (const [toldMs, expect] of [
    [0, 0],
    [5_000, 5_000],
    [5_001, undefined],
  ] as const) {
    t.equal(scriptRetryMs(toldMs, always, randomStream(8)), expect)
  }
})

test('with retries off nobody tries again, waits in line or returns', async (t) => {
  const off = { ...users, retries: 'off' } as const
  const random = randomStream(9)
  const troubles: Trouble[] = [
    { kind: 'slow', attempt: 1 },
    { kind: 'error', attempt: 1 },
    { kind: 'turned-away', retryAfterMs: 1_000 },
  ]
  for (const trouble of troubles) t.equal(reactTo(trouble, off, random).kind, 'give-up')
  t.equal(reactToUnconfirmed(off, random), 'give-up')
  t.equal(returnAfterMs(off, random), undefined)
  t.equal(scriptRetryMs(1, off, random), undefined)
})
