import { foreignCanaries } from './canary-check.ts'
import type { BrowserRequest } from './page-requests.ts'
import type { Person, RunContext } from './person.ts'
import { type Answer, type Exchange, field, type Meaning } from './portal-answer.ts'
import { localPath, meaningOf, setCookiesOf } from './portal-answer.ts'
import { scriptRetryMs } from './user-model.ts'

/** How an attempt at a page, a login or a write ended. */
export type AttemptEnd =
  | { readonly kind: 'whole' }
  | { readonly kind: 'partial' }
  | Exclude<Meaning, { kind: 'arrived' | 'moved' }>

/**
 * The requests of one attempt. When patience ends they are abandoned together: `abort` closes
 * their connections and every pending `call` resolves at once.
 */
export class Attempt {
  private readonly person: Person
  private readonly run: RunContext
  private readonly runFields: string
  private readonly undo = new Set<() => void>()
  private isAborted = false

  /** After `deadlineMs` of the run nobody wants the answers: sent along with each request. */
  constructor(person: Person, run: RunContext, deadlineMs: number) {
    this.person = person
    this.run = run
    const deadline = Math.round(run.world.wallAtMs(deadlineMs))
    this.runFields = `x-rehearsal: ${run.runId}\r\nx-rehearsal-deadline: ${deadline}\r\n`
  }

  /** Sends one request and keeps what a browser keeps of the answer. */
  async call(request: BrowserRequest): Promise<Answer> {
    if (this.isAborted) return { kind: 'aborted' }
    const exchange: Exchange = this.run.world.send({
      method: request.method,
      path: request.path,
      fields: this.fieldsOf(request),
      ...(request.body && { body: request.body.text }),
      school: this.person.session.school,
    })
    const undo = (): void => exchange.abort()
    this.undo.add(undo)
    const answer = await exchange.answer
    this.undo.delete(undo)
    this.keep(request, answer)
    return answer
  }

  /** A navigation: follows up to five redirects within the site. */
  async navigate(request: BrowserRequest): Promise<Meaning> {
    let next = request
    for (let hops = 0; hops <= 5; hops += 1) {
      const meaning = meaningOf(await this.call(next), this.run.facts.loginPath)
      if (meaning.kind !== 'moved') return meaning
      const path = localPath(meaning.location, this.run.origin)
      if (path === undefined) return { kind: 'error' }
      next = { method: 'GET', path, service: request.service, purpose: 'document' }
    }
    return { kind: 'error' }
  }

  /** A call by the page's script, which obeys one short `Retry-After`. */
  async scriptCall(request: BrowserRequest): Promise<Meaning> {
    const { users, facts } = this.run
    const first = meaningOf(await this.call(request), facts.loginPath)
    if (first.kind !== 'turned-away') return first
    const delayMs = scriptRetryMs(first.retryAfterMs, users, this.person.random)
    if (delayMs === undefined) return first
    await this.pause(delayMs)
    return meaningOf(await this.call(request), facts.loginPath)
  }

  abort(): void {
    this.isAborted = true
    for (const undo of this.undo) undo()
    this.undo.clear()
  }

  private pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.run.world.after(delayMs, () => {
        this.undo.delete(stop)
        resolve()
      })
      const stop = (): void => {
        cancel()
        resolve()
      }
      this.undo.add(stop)
    })
  }

  private fieldsOf(request: BrowserRequest): string {
    const { person, run } = this
    const { world } = run
    const cookies = person.jar.header(world.wallAtMs(world.nowMs()))
    let fields = `${purposeFields[request.purpose]}${this.runFields}`
    if (cookies !== '') fields += `cookie: ${cookies}\r\n`
    if (request.body) fields += `content-type: ${request.body.contentType}\r\n`
    if (request.key !== undefined) fields += `idempotency-key: ${request.key}\r\n`
    if (request.method !== 'GET') {
      fields += `origin: ${run.origin}\r\n`
      if (person.formToken !== undefined) fields += `x-form-token: ${person.formToken}\r\n`
    }
    return fields
  }

  private keep(request: BrowserRequest, answer: Answer): void {
    const { person, run } = this
    const { recorder, world } = run
    const nowMs = world.nowMs()
    if (answer.kind !== 'answered') {
      recorder.request(answer.kind === 'broken' ? answer.reason : 'aborted', nowMs)
      return
    }
    recorder.request(String(answer.status), nowMs)
    const cookies = setCookiesOf(answer.fields)
    if (cookies.length > 0) person.jar.store(cookies, world.wallAtMs(nowMs))
    if (answer.text !== '') {
      const foreign = foreignCanaries(answer.text, person.session)
      recorder.checked(foreign, { service: request.service, atMs: nowMs })
    }
    const token = field(answer.fields, 'x-form-token') ?? tokenIn(answer.text, request.service)
    if (token !== undefined) person.formToken = token
  }
}

function tokenIn(text: string, service: string): string | undefined {
  if (service !== 'me') return undefined
  return /"formToken"\s*:\s*"([^"]+)"/.exec(text)?.[1]
}

const purposeFields: Readonly<Record<BrowserRequest['purpose'], string>> = {
  document: browserFields('text/html,*/*;q=0.8', 'navigate', 'sec-fetch-dest: document\r\n'),
  data: browserFields('application/json', 'cors'),
  asset: browserFields('*/*', 'no-cors'),
  write: browserFields('application/json', 'cors'),
}

function browserFields(accept: string, mode: string, more = ''): string {
  return (
    `user-agent: ecluse-rehearsal\r\naccept: ${accept}\r\n` +
    `sec-fetch-mode: ${mode}\r\n${more}sec-fetch-site: same-origin\r\n`
  )
}
