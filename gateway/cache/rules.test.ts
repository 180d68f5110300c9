import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import type { Exchange } from '../exchange.ts'
import { MemoryStore } from './memory-store.ts'
import { type Ask, type Given, originAnswer, settled, StageBench } from './stage-fixture.ts'

const seed = Number(process.env['ECLUSE_TEST_SEED'] ?? 20_261_123)
const controls = [
  'max-age=5',
  's-maxage=3, max-age=60',
  'max-age=2, stale-while-revalidate=4',
  'max-age=2, stale-if-error=30',
  'max-age=2, must-revalidate',
  'public, max-age=4',
  'no-cache, max-age=9',
  'private, max-age=9',
  'no-store',
  'max-age=9, max-age=8',
] as const
const unsharable = ['no-cache', 'private', 'no-store', 'max-age=9, max-age=8']

/** What an answer of the simulated origin says about itself, in its body. */
interface Told {
  readonly control: string
  readonly path: string
  readonly version: number
  readonly language: string | null
  readonly who: string | null
}

class Origin {
  readonly versions = new Map<string, number>()
  readonly #draw: () => number

  constructor(draw: () => number) {
    this.#draw = draw
  }

  version(path: string): number {
    return this.versions.get(path) ?? 0
  }

  async answer({ request, routing }: Exchange) {
    const { path } = routing
    await settled()
    if (request.method === 'POST') {
      this.versions.set(path, this.version(path) + 1)
      return originAnswer('', { 'Content-Location': path.replace('/a', '/b') }, 201)
    }
    if (this.#draw() < 0.15) return originAnswer('broken', {}, 503)
    const control = controls[Math.floor(this.#draw() * controls.length)] ?? 'no-store'
    const tag = `"${this.version(path)}"`
    if (request.headers['if-none-match'] === tag && this.#draw() < 0.8) {
      return { ...originAnswer('', { ETag: tag }, 304), body: null }
    }
    const isVaried = path.endsWith('varied')
    const told: Told = {
      control,
      path,
      version: this.version(path),
      language: isVaried ? String(request.headers['accept-language']) : null,
      who: (request.headers['authorization'] as string | undefined) ?? null,
    }
    const vary = isVaried ? { Vary: 'Accept-Language' } : {}
    return originAnswer(JSON.stringify(told), { 'Cache-Control': control, ETag: tag, ...vary })
  }
}

/** What is wrong with a shared answer, by rules written down a second time; null: nothing. */
function fault(told: Told, given: Given, ask: Ask, oldestVersion: number): string | null {
  const headers = ask.headers ?? {}
  if (told.path !== ask.path) return 'another path'
  if (told.language !== null && told.language !== headers['accept-language']) return 'a language'
  if (told.version < oldestVersion) return 'older than a write'
  const isForOthers = /public|must-revalidate|s-maxage/.test(told.control)
  const isSame = told.who === (headers['authorization'] ?? null)
  if (!isForOthers && !isSame) return 'what credentials opened, or may open'
  if (unsharable.some((word) => told.control.startsWith(word))) return 'not for sharing'
  const at = given.answer.headers.indexOf('Age')
  const age = Number(given.answer.headers[at + 1])
  const number = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(told.control)?.[1] ?? 0)
  const fresh = number('s-maxage') || number('max-age')
  const from = given.answer.outcome.kind === 'served' ? given.answer.outcome.from : ''
  if (from === 'fresh' && age >= fresh) return `fresh at ${age} of ${fresh}`
  const stale = Math.max(number('stale-while-revalidate'), number('stale-if-error'))
  return from === 'stale' && age >= fresh + stale ? `stale at ${age} of ${fresh}+${stale}` : null
}

test('six thousand random requests, each answer held against the rules, RFC 9111', async (t) => {
  const random = randomStream(seed, 'rules')
  const draw = () => random.next()
  const pick = <T>(...choices: readonly T[]): T => choices[Math.floor(draw() * choices.length)] as T
  const origin = new Origin(draw)
  const b = new StageBench(new MemoryStore(200_000))
  b.respond = (exchange) => origin.answer(exchange)
  let shared = 0
  const one = async (): Promise<void> => {
    const path = pick('/a', '/b', '/a-varied', '/b-varied')
    const authorization = draw() < 0.1 ? { authorization: `Basic ${pick(1, 2)}` } : {}
    const ask: Ask = {
      path,
      method: draw() < 0.02 ? 'POST' : 'GET',
      headers: { 'accept-language': pick('fr', 'en'), ...authorization },
      rules: { freshSeconds: 0, staleWhileRevalidateSeconds: 0, staleIfErrorSeconds: 0 },
    }
    const oldestVersion = origin.version(path)
    const given = await b.ask(ask)
    const isShared = given.status.startsWith('hit') || given.status.includes('collapsed')
    if (!isShared || given.answer.status !== 200) return
    shared += 1
    const wrong = fault(JSON.parse(given.text) as Told, given, ask, oldestVersion)
    if (wrong) t.fail(`seed ${seed}: ${wrong}: ${JSON.stringify(ask)} got ${given.text}`)
  }
  for (let burst = 0; burst < 300; burst += 1) {
    await Promise.all(Array.from({ length: 20 }, one))
    await b.advance(draw() * 1500)
  }
  t.ok(shared > 2000, `${shared} answers were shared`)
  t.equal(b.pendingTimers, 0, 'nobody waits any more')
})
