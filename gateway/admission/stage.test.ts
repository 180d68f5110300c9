import { test } from 'tap'
import { systemClock } from '../../core/clock.ts'
import { silentMeter } from '../../core/metric-catalogue.ts'
import { exchangeFor, openGate, openPolicy } from '../../test/support/exchange.ts'
import type { Answer, BodySink, BodySource, ClientPresence, Exchange } from '../exchange.ts'
import type { gatewayMetrics } from '../metrics.ts'
import { unknownClass } from '../policy/policy.ts'
import type { GateLoad } from './gate.ts'
import { buildAdmissionStage } from './stage.ts'

const gate = { ...openGate, maxInFlight: 1, maxQueued: 2 }
const served: Answer = {
  status: 200,
  headers: [],
  body: null,
  outcome: { kind: 'served', from: 'origin' },
}

function admission(t: { teardown: (close: () => void) => void }) {
  const meter = silentMeter<typeof gatewayMetrics>()
  const parts = buildAdmissionStage({ clock: systemClock, meter, rules: gate })
  t.teardown(parts.close)
  return { ...parts, load: () => parts.loads()[0] as GateLoad }
}

/** A request that is there now; its class has all the time it wants unless told. */
function request(deadlineMs = 60_000): Exchange {
  const routeClass = { ...unknownClass, deadlineMs }
  return exchangeFor({ atMs: systemClock.monotonicMs(), routeClass, policy: { gate } })
}

/** An origin whose answers come when the test says so. */
function heldOrigin() {
  const held: { give(answer: Answer): void; fail(error: Error): void }[] = []
  const next = () =>
    new Promise<Answer>((resolve, reject) => held.push({ give: resolve, fail: reject }))
  return { held, next }
}

/** Lets everything that is ready happen. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A streamed body that the test ends, and the sink it was given. */
function stream() {
  const seen: { sink?: BodySink; cancelled: number } = { cancelled: 0 }
  const body: BodySource = {
    start: (sink) => {
      seen.sink = sink
    },
    cancel: () => {
      seen.cancelled += 1
    },
  }
  return { seen, body }
}

const idleSink: BodySink = {
  write: () => true,
  end: () => undefined,
  fail: () => undefined,
  flow: () => undefined,
}

test('a slot is held until the body of the answer is over, however that happens', async (t) => {
  const { stage, load } = admission(t)
  let cancelByReader: () => void = () => t.fail('no handle')
  const overs: Record<string, (body: BodySource, start: () => BodySink) => void> = {
    ended: (_, start) => start().end(),
    failed: (_, start) => start().fail(new Error('reset')),
    'cancelled before the start': (body) => body.cancel(),
    'over twice': (body, start) => {
      start().end()
      body.cancel()
    },
    'cancelled by the reader': (_, start) => {
      start().flow({ resume: () => undefined, cancel: () => undefined })
      cancelByReader()
    },
  }
  for (const [how, over] of Object.entries(overs)) {
    const { seen, body } = stream()
    const answer = await stage(request(), async () => ({ ...served, body }))
    t.equal(load().inFlight, 1, `held while it streams: ${how}`)
    const wrapped = answer.body as BodySource
    over(wrapped, () => {
      wrapped.start({
        ...idleSink,
        flow: (handle) => {
          cancelByReader = () => handle.cancel()
        },
      })
      return seen.sink as BodySink
    })
    t.equal(load().inFlight, 0, `given back: ${how}`)
  }
})

test('a slot is given back at once when there is no body, or when the origin throws', async (t) => {
  const { stage, load } = admission(t)
  await stage(request(), async () => served)
  t.equal(load().inFlight, 0)
  await t.rejects(
    stage(request(), () => Promise.reject(new Error('broken'))),
    { message: 'broken' },
  )
  t.equal(load().inFlight, 0)
})

test('who waits goes on when a slot is free, and learns how long it waited', async (t) => {
  const { stage } = admission(t)
  const { held, next } = heldOrigin()
  const first = stage(request(), next)
  const second = request()
  const answer = stage(second, async () => served)
  t.equal(second.admission, undefined, 'still waiting')
  await turn()
  held[0]?.give(served)
  t.equal((await answer).status, 200)
  t.ok((second.admission?.queuedMs ?? -1) >= 0)
  await first
})

test('a full line is answered at once with a time to come back', async (t) => {
  const { stage } = admission(t)
  const { held, next } = heldOrigin()
  const waiting = [stage(request(), next), stage(request(), next), stage(request(), next)]
  const answer = await stage(request(), next)
  t.match(answer, { status: 503, outcome: { reason: 'gate-full' } })
  t.match(answer.headers[answer.headers.indexOf('retry-after') + 1], /^[1-9]\d*$/)
  for (let i = 0; i < 3; i += 1) {
    await turn()
    held[i]?.give(served)
    await waiting[i]
  }
})

test('who waits past its deadline is answered although no slot comes free', async (t) => {
  const { stage, load } = admission(t)
  const { held, next } = heldOrigin()
  const stuck = stage(request(), next)
  // The stage's own timer does not keep a process alive.
  const alive = setInterval(() => undefined, 1_000)
  const answer = await stage(request(50), next)
  clearInterval(alive)
  t.match(answer.outcome, { reason: 'deadline-passed' })
  t.match(load(), { inFlight: 1, queued: 0 })
  await turn()
  held[0]?.give(served)
  await stuck
})

test('who leaves while waiting is never sent to the origin', async (t) => {
  const { stage, load } = admission(t)
  const { held, next } = heldOrigin()
  const stuck = stage(request(), next)
  let leave: () => void = () => t.fail('nobody listens')
  const presence: ClientPresence = { isGone: false, onGone: (listener) => (leave = listener) }
  const exchange = request()
  const answer = stage({ ...exchange, request: { ...exchange.request, presence } }, next)
  leave()
  t.match((await answer).outcome, { kind: 'abandoned' })
  await turn()
  held[0]?.give(served)
  await stuck
  t.equal(held.length, 1)
  t.match(load(), { inFlight: 0, queued: 0 })
})

test('switched off, everybody passes and is still counted', async (t) => {
  const { stage, load } = admission(t)
  const { held, next } = heldOrigin()
  const off = () => {
    const policy = { ...openPolicy, gate, stages: { ...openPolicy.stages, admission: 'off' } }
    return stage(exchangeFor({ policy } as Parameters<typeof exchangeFor>[0]), next)
  }
  const answers = [off(), off(), off()]
  t.equal(load().inFlight, 3)
  await turn()
  for (const one of held) one.give(served)
  await Promise.all(answers)
  t.equal(load().inFlight, 0)
})

test('a policy with a larger gate lets those in who wait', async (t) => {
  const { stage, load } = admission(t)
  const { held, next } = heldOrigin()
  const answers = [stage(request(), next), stage(request(), next)]
  const larger = exchangeFor({
    atMs: systemClock.monotonicMs(),
    policy: { gate: { ...gate, maxInFlight: 3 } },
  })
  answers.push(stage(larger, next))
  t.match(load(), { inFlight: 3, queued: 0, limit: 3 })
  await turn()
  for (const one of held) one.give(served)
  await Promise.all(answers)
})

const slowLogins = [
  { identityProvider: { maxInFlight: 2, maxQueued: 8 }, isPageServed: true },
  { identityProvider: undefined, isPageServed: false },
]
for (const { identityProvider, isPageServed } of slowLogins) {
  const name = isPageServed ? 'slots of their own' : 'the portal’s slots'
  test(`with ${name}, logins that never end hold ${isPageServed ? 'no' : 'every'} page back`, async (t) => {
    const { stage, loads } = admission(t)
    const { held, next } = heldOrigin()
    const policy = { gate: identityProvider ? { ...gate, identityProvider } : gate }
    const login = () =>
      exchangeFor({
        atMs: systemClock.monotonicMs(),
        routeClass: { ...unknownClass, deadlineMs: 60_000, servedBy: 'identity-provider' },
        policy,
      })
    const page = exchangeFor({ atMs: systemClock.monotonicMs(), policy })
    const answers = [stage(login(), next), stage(login(), next), stage(page, next)]
    await turn()
    t.equal(held.length, isPageServed ? 3 : 1)
    t.equal(loads()[1]?.inFlight, isPageServed ? 2 : 0)
    while (held.length > 0) {
      held.shift()?.give(served)
      await turn()
    }
    await Promise.all(answers)
  })
}
