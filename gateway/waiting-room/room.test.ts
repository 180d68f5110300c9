import { test } from 'tap'
import { exponential } from '../../core/distributions.ts'
import { randomStream } from '../../core/random.ts'
import { type Entry, Room } from './room.ts'

const rules = {
  targetPressureRatio: 0.75,
  entrySlotSeconds: 2.5,
  minInside: 2,
  maxInside: 2,
  idleSeconds: 20,
}
const quiet = [{ utilisationRatio: 0, pressingMean: 0, limit: 10 }]

/** A room of two places that are taken: `a` at 0 s, `b` at 0 s; both with sessions. */
function fullRoom(): Room {
  const room = new Room(rules)
  for (const name of ['a', 'b']) {
    room.enter(null, name, 0)
    room.seen(name, name, 0)
  }
  return room
}

function placeOf(entry: Entry) {
  if (entry.kind !== 'waiting' || entry.place === null) throw new Error('expected a place')
  return entry.place
}

test('nobody waits while there is room and nobody is ahead', async (t) => {
  const room = new Room(rules)
  t.equal(room.enter(null, 'a', 0).kind, 'admitted')
  t.equal(room.enter(null, 'b', 0).kind, 'admitted')
  t.match(room.enter(null, 'c', 0), { kind: 'waiting', ahead: 0 })
  t.match(room.enter(null, 'd', 0), { kind: 'waiting', ahead: 1 })
})

test('a reload keeps the place and costs nothing', async (t) => {
  const room = fullRoom()
  const first = placeOf(room.enter(null, 'c', 0))
  room.enter(null, 'd', 0)
  for (let i = 0; i < 100; i += 1) {
    const again = room.enter(first, `reload-${i}`, i)
    t.match(again, { kind: 'waiting', place: { seq: first.seq }, ahead: 0 })
  }
  t.equal(room.figures().waiting, 2)
})

test('the first to come is the first to enter, once somebody has left', async (t) => {
  const room = fullRoom()
  const [c, d] = [placeOf(room.enter(null, 'c', 0)), placeOf(room.enter(null, 'd', 0))]
  room.enter(d, '-', 18_000)
  room.enter(c, '-', 18_000)
  room.seen('b', null, 10_000)
  room.tick(quiet, rules, 20_000)
  t.equal(room.enter(d, '-', 20_001).kind, 'waiting', 'the second still waits')
  t.same(room.enter(c, '-', 20_001), { kind: 'admitted', admission: 'c' })
  room.enter(d, '-', 29_000)
  room.tick(quiet, rules, 30_000)
  t.equal(room.enter(d, '-', 30_001).kind, 'admitted')
})

test('a newcomer does not pass those who wait, even when there is room', async (t) => {
  const room = fullRoom()
  const c = placeOf(room.enter(null, 'c', 0))
  room.tick(quiet, rules, 20_000)
  t.match(room.figures(), { inside: 0, ceiling: 2 }, 'there is room')
  t.match(room.enter(null, 'd', 20_001), { kind: 'waiting', ahead: 1 })
  room.enter(c, '-', 20_002)
  room.tick(quiet, rules, 21_000)
  t.equal(room.enter(c, '-', 21_001).kind, 'admitted')
})

test('a place admits once: shown again it gives the same admission, then nothing', async (t) => {
  const room = fullRoom()
  const c = placeOf(room.enter(null, 'c', 0))
  room.enter(c, '-', 15_000)
  room.tick(quiet, rules, 20_000)
  t.same(room.enter(c, 'x', 20_001), { kind: 'admitted', admission: 'c' })
  t.same(room.enter(c, 'y', 20_002), { kind: 'admitted', admission: 'c' }, 'a reload on the way')
  t.equal(room.figures().inside, 1, 'and one place inside')
  room.seen('session of c', 'c', 21_000)
  room.seen('other', null, 21_000)
  t.not(placeOf(room.enter(c, 'z', 21_001)).seq, c.seq, 'used: to the end of the line')
})

test('a number without its ticket is worth nothing', async (t) => {
  const room = fullRoom()
  const c = placeOf(room.enter(null, 'c', 0))
  const thief = placeOf(room.enter({ seq: c.seq, device: 'guessed' }, 'thief', 1))
  t.not(thief.seq, c.seq)
  t.ok(placeOf(room.enter({ seq: 1e9, device: '' }, 'other', 1)).seq > thief.seq)
})

test('who does not take the turn loses it to the next, not the place', async (t) => {
  const one = { ...rules, minInside: 1, maxInside: 1 }
  const room = new Room(one)
  room.enter(null, 'a', 0)
  const [c, d] = [placeOf(room.enter(null, 'c', 0)), placeOf(room.enter(null, 'd', 0))]
  for (const atMs of [30_000, 58_000]) for (const place of [c, d]) room.enter(place, '-', atMs)
  room.tick(quiet, one, 60_000)
  let takenAtMs = 0
  for (let atMs = 61_000; takenAtMs === 0 && atMs < 180_000; atMs += 1_000) {
    room.tick(quiet, one, atMs)
    if (atMs % 10_000 === 0 && room.enter(d, '-', atMs).kind === 'admitted') takenAtMs = atMs
  }
  t.ok(takenAtMs > 0 && takenAtMs <= 140_000, `taken at ${takenAtMs}`)
  room.seen('d', 'd', takenAtMs)
  t.match(room.enter(c, '-', takenAtMs + 1), { kind: 'waiting', place: { seq: c.seq }, ahead: 0 })
})

test('a place is kept five minutes after its holder was last seen', async (t) => {
  for (const [silentMs, expect] of [
    [300_000, true],
    [300_001, false],
  ] as const) {
    const room = fullRoom()
    const c = placeOf(room.enter(null, 'c', 0))
    room.enter(c, '-', 1_000)
    for (const name of ['a', 'b']) room.seen(name, null, 301_000)
    room.tick(quiet, { ...rules, idleSeconds: 1_000 }, 1_000 + silentMs)
    t.equal(placeOf(room.enter(c, 'new', 302_000)).seq === c.seq, expect)
  }
})

test('clients without cookies do not hold up those who keep their place', async (t) => {
  const room = fullRoom()
  for (let i = 0; i < 50; i += 1) room.enter(null, `bot-${i}`, 0)
  const person = placeOf(room.enter(null, 'person', 0))
  room.enter(person, '-', 15_000)
  room.tick(quiet, rules, 20_000)
  t.equal(room.enter(person, '-', 20_001).kind, 'admitted')
  room.tick(quiet, rules, 60_001)
  t.equal(room.figures().waiting, 0, 'and are forgotten after a minute')
})

test('an admission that nobody uses gives its place back after a minute', async (t) => {
  const room = new Room(rules)
  room.enter(null, 'a', 0)
  room.tick(quiet, rules, 59_999)
  t.equal(room.figures().inside, 1)
  room.tick(quiet, rules, 60_000)
  t.equal(room.figures().inside, 0)
})

interface Visitor {
  readonly arrivesAtMs: number
  readonly staysMs: number
  readonly leavesLine: boolean
  place: { seq: number; device: string } | null
  enteredAtMs: number | null
  nextAtMs: number
}

/** `people` arrive in a minute; who is in asks every 3 s; nine in ten wait for their turn. */
function simulate(seed: number, people: number, places: number) {
  const random = randomStream(seed, 'room')
  const fixed = { ...rules, minInside: places, maxInside: places, idleSeconds: 10 }
  const room = new Room(fixed)
  const visitors: Visitor[] = Array.from({ length: people }, () => {
    const arrivesAtMs = Math.floor(60_000 * random.next())
    const staysMs = exponential(random, 40_000)
    const leavesLine = random.next() < 0.1
    const nextAtMs = arrivesAtMs
    return { arrivesAtMs, staysMs, leavesLine, place: null, enteredAtMs: null, nextAtMs }
  })
  const entered: number[] = []
  let maxInside = 0
  let crowdedTicks = 0
  let insideSum = 0
  for (let atMs = 0; atMs < 3_600_000; atMs += 100) {
    if (atMs % 1_000 === 0) room.tick(quiet, fixed, atMs)
    for (const [id, visitor] of visitors.entries()) {
      if (visitor.nextAtMs > atMs) continue
      if (visitor.enteredAtMs !== null) {
        const isDone = atMs - visitor.enteredAtMs > visitor.staysMs
        room.seen(`s${id}`, visitor.place?.device ?? `d${id}`, atMs)
        visitor.nextAtMs = isDone ? Number.POSITIVE_INFINITY : atMs + 3_000
        continue
      }
      const entry = room.enter(visitor.place, `d${id}`, atMs)
      if (entry.kind === 'admitted') {
        visitor.enteredAtMs = atMs
        visitor.nextAtMs = atMs + 1_000
        if (visitor.place !== null) entered.push(visitor.place.seq)
      } else {
        visitor.place = entry.place
        visitor.nextAtMs = atMs + entry.pollMs * (1 + random.next())
        if (visitor.leavesLine && random.next() < 0.2) visitor.nextAtMs = Number.POSITIVE_INFINITY
      }
    }
    const { inside } = room.figures()
    maxInside = Math.max(maxInside, inside)
    const standing = visitors.filter((one) => one.place !== null && isStanding(one, atMs)).length
    if (standing < places) continue
    crowdedTicks += 1
    insideSum += inside
  }
  const lost = visitors.filter((one) => one.enteredAtMs === null && !one.leavesLine).length
  const inversions = entered.filter((seq, i) => entered.slice(i + 1).some((it) => it < seq - 50))
  const usedRatio = insideSum / crowdedTicks / places
  return { maxInside, usedRatio, lost, entered: entered.length, inversions: inversions.length }
}

const isStanding = (visitor: Visitor, atMs: number) =>
  visitor.enteredAtMs === null && visitor.arrivesAtMs <= atMs && visitor.nextAtMs < 1e9

test('a rush enters in order, never above the ceiling, and nobody is forgotten', async (t) => {
  for (const seed of [1, 2, 3]) {
    const run = simulate(seed, 400, 50)
    const where = `seed ${seed}: ${JSON.stringify(run)}`
    t.ok(run.maxInside <= 51, `within the ceiling, ${where}`)
    t.equal(run.lost, 0, `everybody who stays enters, ${where}`)
    t.ok(run.entered > 250, `after waiting, ${where}`)
    t.ok(run.inversions <= 0.01 * run.entered, `in order, ${where}`)
    t.ok(run.usedRatio > 0.85, `places are not left empty, ${where}`)
  }
})

test('the estimate follows what is measured', async (t) => {
  const room = new Room({ ...rules, minInside: 100, maxInside: 100 })
  const slow = { ...rules, minInside: 100, maxInside: 100 }
  for (let i = 0; i < 100; i += 1) room.enter(null, `d${i}`, 0)
  t.match(room.enter(null, 'c', 0), { estimateMs: 6_000, pollMs: 1_000 })
  for (let i = 0; i < 99; i += 1) room.enter(null, `e${i}`, 0)
  const unmeasured = room.enter(null, 'z', 0) as { estimateMs: number }
  t.equal(unmeasured.estimateMs, 606_000, 'one in six seconds until measured')
  room.tick(quiet, slow, 0)
  room.tick(quiet, slow, 10_000)
  const measured = room.enter(null, 'y', 0) as { estimateMs: number }
  t.ok(measured.estimateMs < 0.5 * unmeasured.estimateMs, `${measured.estimateMs}`)
})
