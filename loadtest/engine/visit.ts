import { Attempt, type AttemptEnd } from './attempt.ts'
import { pause, type Person, type RunContext } from './person.ts'
import type { OpenVisit, VisitFacts, VisitFate } from './recorder.ts'
import { patienceInLineMs, patienceMs, type Reaction, reactTo, type Trouble } from './user-model.ts'

/** `left`: the person closed the tab; `stayed`: a broken page was accepted and the visit goes on. */
export type VisitEnd = 'whole' | 'stayed' | 'left' | 'unfinished'

/** What a visit tries to do, and how to get a lost session back (absent while logging in). */
export interface VisitPlan {
  readonly facts: VisitFacts
  readonly patience: 'page' | 'login'
  readonly tryOnce: (attempt: Attempt) => Promise<AttemptEnd>
  readonly logInAgain?: () => Promise<VisitEnd>
}

/**
 * One page or login as an impatient person lives it: attempts until it is whole or they have
 * had enough. Waiting in line at the server's pace is polling, not a further attempt.
 */
export async function makeVisit(
  plan: VisitPlan,
  person: Person,
  run: RunContext,
): Promise<VisitEnd> {
  const { world, recorder } = run
  const open = recorder.begin(plan.facts, world.nowMs())
  const visit = new VisitState(plan, person, run, open)
  const outcome = await visit.play()
  const isCut = outcome.fate !== 'whole' && run.isEnding()
  recorder.end(open, isCut ? 'unfinished' : outcome.fate, world.nowMs())
  return isCut ? 'unfinished' : outcome.end
}

interface Outcome {
  readonly fate: VisitFate
  readonly end: VisitEnd
}

/** The running totals of one visit: attempts made, time in line, session already regained. */
class VisitState {
  private attempts = 0
  private hasRegained = false
  private patienceInLine: number | undefined
  private inLineMs = 0
  private readonly plan: VisitPlan
  private readonly person: Person
  private readonly run: RunContext
  private readonly open: OpenVisit

  // oxlint-disable-next-line max-params -- a record of its four parts, built in one place
  constructor(plan: VisitPlan, person: Person, run: RunContext, open: OpenVisit) {
    this.plan = plan
    this.person = person
    this.run = run
    this.open = open
  }

  async play(): Promise<Outcome> {
    const { recorder, world } = this.run
    let isPoll = false
    for (;;) {
      if (!isPoll) {
        this.attempts += 1
        recorder.attempt(this.open, world.nowMs())
      }
      const { end, parting } = await this.tryWithPatience()
      const next = end.kind === 'whole' ? wholeOutcome : await this.after(end, parting)
      if ('fate' in next) return next
      if (this.run.isEnding()) return { fate: 'unfinished', end: 'unfinished' }
      isPoll = next.isPoll
    }
  }

  /** What follows an attempt that did not work: an end, or another try. */
  private async after(
    end: Exclude<AttemptEnd, { kind: 'whole' }>,
    parting: Reaction | undefined,
  ): Promise<Outcome | { readonly isPoll: boolean }> {
    const { random } = this.person
    const { users } = this.run
    switch (end.kind) {
      case 'turned-away':
        return this.standInLine(end)
      case 'session-lost':
        return this.regainSession()
      case 'aborted':
        return parting?.kind === 'refresh' ? { isPoll: false } : leave('abandoned')
      case 'partial':
      case 'error':
      case 'stale-form': {
        const trouble: Trouble = { kind: 'error', attempt: this.attempts }
        const reaction = reactTo(trouble, users, random)
        if (reaction.kind === 'refresh') {
          await pause(this.run.world, reaction.afterMs)
          return { isPoll: false }
        }
        // With the document on the screen people put up with a hole in it.
        return end.kind === 'partial' ? { fate: 'failed', end: 'stayed' } : leave('failed')
      }
    }
  }

  private async standInLine({
    retryAfterMs,
    isLine,
  }: TurnedAway): Promise<Outcome | { isPoll: boolean }> {
    const { person, run, open } = this
    run.recorder.turnedAway(open, run.world.nowMs())
    const reaction = reactTo({ kind: 'turned-away', retryAfterMs }, run.users, person.random)
    if (reaction.kind !== 'comply' && reaction.kind !== 'refresh') return leave('refused')
    this.patienceInLine ??= patienceInLineMs(run.users, person.random)
    const leftMs = this.patienceInLine - this.inLineMs
    if (reaction.afterMs > leftMs) {
      await pause(run.world, leftMs)
      open.lineMs += leftMs
      return leave('refused')
    }
    await pause(run.world, reaction.afterMs)
    this.inLineMs += reaction.afterMs
    // Who reloads the waiting page too early gets it again from the edge alone: a poll like others.
    if (reaction.kind === 'refresh' && !isLine) return { isPoll: false }
    if (!person.hasWaited) run.recorder.person('waited', person.session.startMs)
    person.hasWaited = true
    run.recorder.poll(open, reaction.afterMs, run.world.nowMs())
    return { isPoll: true }
  }

  private async regainSession(): Promise<Outcome | { isPoll: boolean }> {
    if (this.plan.logInAgain === undefined || this.hasRegained) return leave('failed')
    this.hasRegained = true
    this.run.recorder.person('loggedInAgain', this.person.session.startMs)
    const end = await this.plan.logInAgain()
    return end === 'whole' ? { isPoll: false } : leave('failed')
  }

  /** Runs one attempt until it ends or the person gives up on it. */
  private async tryWithPatience(): Promise<{ end: AttemptEnd; parting?: Reaction }> {
    const { plan, person, run } = this
    // Time in line moves the moment after which nobody wants the answer; impatience does not.
    const deadlineMs = plan.facts.intendedMs + plan.facts.deadlineMs + this.open.lineMs
    const attempt = new Attempt(person, run, deadlineMs)
    let parting: Reaction | undefined
    let cancel = (): void => {}
    const wait = (): void => {
      cancel = run.world.after(patienceMs(plan.patience, run.users, person.random), () => {
        const trouble: Trouble = { kind: 'slow', attempt: this.attempts }
        const reaction = reactTo(trouble, run.users, person.random)
        if (reaction.kind === 'wait-on') return wait()
        parting = reaction
        attempt.abort()
      })
    }
    wait()
    const end = await plan.tryOnce(attempt)
    cancel()
    return parting === undefined ? { end } : { end: { kind: 'aborted' }, parting }
  }
}

type TurnedAway = Extract<AttemptEnd, { kind: 'turned-away' }>

const wholeOutcome: Outcome = { fate: 'whole', end: 'whole' }

function leave(fate: VisitFate): Outcome {
  return { fate, end: 'left' }
}
