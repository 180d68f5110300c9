import { randomStream } from '../../core/random.ts'
import { Asking } from './asking.ts'
import type { Ask } from './ask.ts'
import { type AnswerKind, checkAnswer } from './check.ts'
import { Connection } from './connection.ts'
import { History } from './history.ts'
import { pageOf } from './page.ts'
import { oneOf, people, type Person } from './people.ts'
import type { TruthfulPortal } from './portal.ts'
import { field, type RawAnswer } from './raw-answer.ts'

export interface LeakRunOptions {
  readonly url: string
  readonly portal: TruthfulPortal
  readonly seed: string
  readonly requests: number
  /** Goes on, four times as long at most, until so many answers of each kind were the asker's own. */
  readonly ownAtLeast?: number
  readonly users: number
  readonly connections: number
}

export interface LeakReport {
  readonly sent: number
  /** Answers that came whole. */
  readonly answered: number
  /** Answers that bear a canary of the asker's own, by how they came. */
  readonly own: Readonly<Record<AnswerKind, number>>
  readonly statuses: Readonly<Record<string, number>>
  /** The first answer that was not the asker's to read, with what went before; null when none was. */
  readonly leak: string | null
}

/** Longer than every deadline of the edge: what takes as long was forgotten. */
const patienceMs = 40_000

/** Requests for which one page is everybody's, so that many ask for what nobody has yet. */
const requestsOfMoment = 80

/** Plays people against the edge until enough was sent or somebody read what is not theirs. */
export async function runLeaks(options: LeakRunOptions): Promise<LeakReport> {
  const run = new LeakRun(options)
  const lanes = Array.from({ length: options.connections }, (_, lane) => run.play(lane))
  await Promise.all(lanes)
  return run.report()
}

class LeakRun {
  readonly #options: LeakRunOptions
  readonly #people: readonly Person[]
  readonly #history = new History()
  readonly #own = { shared: 0, coalesced: 0, 'not-modified': 0, private: 0 }
  readonly #statuses: Record<string, number> = {}
  #sent = 0
  #answered = 0
  #leak: string | null = null
  readonly #found = Promise.withResolvers<void>()

  constructor(options: LeakRunOptions) {
    this.#options = options
    this.#people = people(options.users)
  }

  report(): LeakReport {
    const own = this.#own
    return {
      sent: this.#sent,
      answered: this.#answered,
      own,
      statuses: this.#statuses,
      leak: this.#leak,
    }
  }

  /** One connection: batches of pipelined requests of one person or of several behind one proxy. */
  async play(lane: number): Promise<void> {
    const { url, seed } = this.#options
    const random = randomStream(seed, 'lane', lane)
    const asking = new Asking(random, this.#people, {
      firstId: (lane + 1) * 1e9,
      moment: () => Math.floor(this.#sent / requestsOfMoment),
    })
    const connection = new Connection(url)
    let person = oneOf(this.#people, random)
    while (!this.#isOver()) {
      const depth = random.next() < 0.4 ? 1 + Math.floor(random.next() * 5) : 1
      const asks = Array.from({ length: depth }, () => {
        if (random.next() < 0.15) person = oneOf(this.#people, random)
        return asking.next(person)
      })
      this.#sent += asks.length
      const answers = connection.send(asks)
      if (random.next() < 0.01) setTimeout(() => connection.abort(), random.next() * 6)
      const unanswered = new Set(asks)
      const taken = answers.map(async (answer, at) => {
        const ask = asks[at] as Ask
        await this.#take(ask, answer)
        unanswered.delete(ask)
      })
      const late = setTimeout(() => {
        for (const ask of unanswered) return this.#fail(ask, null, 'is never answered')
      }, patienceMs)
      await Promise.race([Promise.all(taken), this.#found.promise])
      clearTimeout(late)
    }
    connection.abort()
  }

  #isOver(): boolean {
    const { requests, ownAtLeast = 0 } = this.#options
    if (this.#leak !== null || this.#sent >= 4 * requests) return true
    return this.#sent >= requests && Object.values(this.#own).every((own) => own >= ownAtLeast)
  }

  async #take(ask: Ask, coming: Promise<RawAnswer | null>): Promise<void> {
    const person = this.#people[Number(ask.user.slice(1))] as Person
    try {
      const answer = await coming
      if (answer) this.#judge(ask, answer)
      if (ask.change !== null) this.#settleChange(ask, person, answer)
      else if (answer) learn(ask, answer)
    } catch (error) {
      this.#fail(ask, null, `cannot be read: ${String(error)}`)
    }
  }

  #judge(ask: Ask, answer: RawAnswer): void {
    this.#answered += 1
    this.#statuses[answer.status] = (this.#statuses[answer.status] ?? 0) + 1
    const { problem, kind } = checkAnswer(ask, answer)
    this.#history.add(ask, answer)
    if (problem !== null) this.#fail(ask, answer, problem)
    if (kind !== null) this.#own[kind] += 1
  }

  #fail(ask: Ask, answer: RawAnswer | null, problem: string): void {
    this.#leak ??= this.#history.told(ask, answer, problem)
    this.#found.resolve()
  }

  #settleChange(ask: Ask, person: Person, answer: RawAnswer | null): void {
    const { session } = ask
    const hasHeard = answer?.status === 200
    if (session) {
      session.isChanging = false
      // What the portal made of a change whose answer was lost is not for us to guess.
      if (hasHeard) session.confirmed = session.history.length - 1
      if (ask.change === 'logout') person.ended = session
      if (!hasHeard || ask.change === 'logout') person.session = null
      else learn(ask, answer)
    }
    if (ask.change !== 'login' || !hasHeard) return
    const cookies = answer.fields.filter(([name]) => name === 'set-cookie').map(([, text]) => text)
    const value = /PORTALSESSION=([^;]+)/.exec(cookies.join(' '))?.[1] ?? ''
    person.session = this.#options.portal.session(value) ?? null
    if (person.session) learn({ ...ask, session: person.session }, answer)
  }
}

/** What the client keeps of an answer: its pass, and the tag of the page it now has. */
function learn({ session, target }: Ask, answer: RawAnswer): void {
  if (!session) return
  for (const [name, value] of answer.fields) {
    if (name !== 'set-cookie') continue
    const pass = /^__Host-ecluse-pass=([^;]*)/.exec(value)?.[1]
    if (pass !== undefined) session.pass = pass === '' ? null : pass
  }
  const tag = answer.status === 200 ? field(answer.fields, 'etag') : undefined
  if (tag === undefined) return
  session.tags.set(pageOf(target).at, tag)
  session.lastTagged = target
}
