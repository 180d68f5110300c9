import type { Answer, Exchange, Next } from './exchange.ts'

/** The stages of a request. One that has nothing to say answers `undefined`. */
export interface Stages {
  routing(exchange: Exchange): Answer | undefined
  identity: {
    /** Who is asking, from what the request carries and what this process knows. */
    recognise(exchange: Exchange): void
    /** What the origin's answer says about who the session belongs to, kept and taken off. */
    bind(exchange: Exchange, answer: Answer): Answer
  }
  waitingRoom(exchange: Exchange): Answer | undefined
  cache(exchange: Exchange, next: Next): Promise<Answer>
  /** Takes out of the cache what a request that went past it has changed. */
  purgeChanged(exchange: Exchange, answer: Answer): void
  rateLimit(exchange: Exchange): Promise<Answer | undefined>
  /** `next` sends a write to the origin now, as one that is stored and waits for nobody. */
  writeAbsorption(exchange: Exchange, next: Next): Promise<Answer | undefined>
  admission(exchange: Exchange, next: Next): Promise<Answer>
  upstream(exchange: Exchange): Promise<Answer>
}

/** The life of a request, cheap before expensive. docs/lifecycle.md draws it. */
export async function handle(exchange: Exchange, stages: Stages): Promise<Answer> {
  const malformed = stages.routing(exchange)
  if (malformed) return malformed
  stages.identity.recognise(exchange)
  // Before the cache: a stored login page must not lead round the door.
  const held = stages.waitingRoom(exchange)
  if (held) return held
  const answer = await stages.cache(
    exchange,
    async (passed) =>
      (await stages.rateLimit(passed)) ??
      (await stages.writeAbsorption(passed, (write) => throughGate(write, stages))) ??
      stages.admission(passed, stages.upstream),
  )
  return stages.identity.bind(exchange, answer)
}

/** An absorbed write comes back: no stored answer, no quota, no room; the gate like everybody. */
export async function apply(exchange: Exchange, stages: Stages): Promise<Answer> {
  const malformed = stages.routing(exchange)
  if (malformed) return malformed
  return throughGate(exchange, stages)
}

async function throughGate(write: Exchange, stages: Stages): Promise<Answer> {
  const answer = await stages.admission(write, stages.upstream)
  stages.purgeChanged(write, answer)
  return answer
}
