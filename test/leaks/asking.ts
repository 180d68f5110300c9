import type { RandomStream } from '../../core/random.ts'
import type { Ask } from './ask.ts'
import { oddHeaders, oddTarget } from './odd-requests.ts'
import { pageOf } from './page.ts'
import { oneOf, type Person } from './people.ts'
import type { Session } from './session.ts'

/** Makes the next request of a person: what pages they ask for, and what they do to their session. */
export class Asking {
  readonly #random: RandomStream
  readonly #people: readonly Person[]
  readonly #moment: () => number
  #lastId: number

  /** Numbers its requests from `firstId` on; `moment` tells which page everybody talks about. */
  constructor(
    random: RandomStream,
    people: readonly Person[],
    facts: { readonly firstId: number; readonly moment: () => number },
  ) {
    this.#random = random
    this.#people = people
    this.#moment = facts.moment
    this.#lastId = facts.firstId
  }

  next(person: Person): Ask {
    const { session } = person
    if (session === null) return this.#change(person, 'login')
    const draw = this.#random.next()
    if (!session.isChanging && draw < 0.006) {
      const change = draw < 0.002 ? 'logout' : draw < 0.0025 ? 'login' : 'switch'
      return this.#change(person, change)
    }
    if (person.ended !== null && draw > 0.98) return this.#read(person, person.ended)
    if (draw > 0.96) return this.#read(person, null)
    return this.#read(person, session)
  }

  #change(person: Person, change: 'login' | 'logout' | 'switch'): Ask {
    const { session } = person
    if (session) session.isChanging = true
    const lines = ['X-User', person.user, 'Content-Length', '0', ...cookieLines(person, session)]
    const target = `/auth/${change}`
    return this.#ask(person, { session, change, method: 'POST', target, lines })
  }

  #read(person: Person, session: Session | null): Ask {
    const random = this.#random
    const draw = random.next()
    const isWrite = draw < 0.012
    const method = isWrite ? oneOf(['POST', 'PUT', 'PURGE'], random) : draw < 0.03 ? 'HEAD' : 'GET'
    const again = (random.next() < 0.25 ? session?.lastTagged : null) ?? null
    const isTalkedOf = again === null && random.next() < 0.2
    const plain = isTalkedOf ? `/portal/news-${this.#moment()}` : (again ?? plainTarget(random))
    const target = random.next() < 0.06 ? oddTarget(plain, random) : plain
    const lines = cookieLines(person, session)
    if (isWrite) lines.push('Content-Length', '0')
    lines.push(
      'Accept-Encoding',
      oneOf(['gzip, deflate, br', 'gzip', 'identity', 'br;q=0'], random),
    )
    const tag = session?.tags.get(pageOf(target).at)
    if (tag !== undefined && random.next() < 0.6) lines.push('If-None-Match', tag)
    return this.#ask(person, { session, change: null, method, target, lines })
  }

  #ask(
    person: Person,
    facts: Pick<Ask, 'session' | 'change' | 'method' | 'target'> & { lines: string[] },
  ): Ask {
    const random = this.#random
    const language = oneOf(['fr', 'en', 'br-FR'], random)
    const host = random.next() < 0.95 ? 'ent.example' : 'autre.example'
    const isOdd = facts.change === null && random.next() < 0.08
    const odd = isOdd ? oddHeaders(this.#people, random) : []
    this.#lastId += 1
    const id = this.#lastId
    const lines = ['Host', host, 'Accept-Language', language, 'X-Ask', String(id), ...facts.lines]
    return {
      ...facts,
      id,
      user: person.user,
      bytes: bytesOf(facts, [...lines, ...odd]),
      confirmed: facts.session?.confirmed ?? 0,
      language,
      host,
      isAmbiguous: isOdd,
    }
  }
}

const pages: readonly (readonly [share: number, target: (number: number) => string])[] = [
  [0.05, (number) => `/assets/${number}`],
  [0.1, (number) => `/schools/${number}?_=${number * 7}&v=${number % 2}`],
  [0.1, (number) => `/news/${number}`],
  [0.1, (number) => `/portal/${number}`],
  [0.2, (number) => `/api/school/${number}`],
  [0.15, (number) => `/api/classes/c${1 + (number % 3)}/${number}`],
  [0.1, (number) => `/api/told/${number}`],
  [0.05, (number) => `/api/me/${number}`],
  [0.15, () => '/feed/0'],
]

function plainTarget(random: RandomStream): string {
  let left = random.next()
  const number = Math.floor(random.next() ** 3 * 8)
  for (const [share, target] of pages) {
    left -= share
    if (left < 0) return target(number)
  }
  return `/api/me/${number}`
}

function cookieLines(person: Person, session: Session | null): string[] {
  if (session === null) return []
  const pass = person.keepsPass && session.pass ? `; __Host-ecluse-pass=${session.pass}` : ''
  return ['Cookie', `PORTALSESSION=${session.value}${pass}`]
}

function bytesOf({ method, target }: Pick<Ask, 'method' | 'target'>, lines: string[]): string {
  let text = `${method} ${target} HTTP/1.1\r\n`
  for (let at = 0; at < lines.length; at += 2) text += `${lines[at]}: ${lines[at + 1]}\r\n`
  return `${text}\r\n`
}
