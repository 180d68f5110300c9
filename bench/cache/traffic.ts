import type { RandomStream } from '../../core/random.ts'

/** Files and pages that the origin of the bench has, by row. */
export const resourceCount = 10_000
/** People whose browsers take turns. */
const sessionCount = 1_000

/** Who asks for what: a target and the session of whoever asks. */
export interface Ask {
  readonly target: string
  readonly session: string
}

/** The address of the `rank`-th most popular resource of a kind; ranks begin at 0. */
export function targetOf(kind: 'public/2k' | 'public/20k' | 'private/2k', rank: number): string {
  return `/${kind}/file-${rank}.${kind === 'private/2k' ? 'html' : 'css'}`
}

/**
 * `count` requests drawn by Zipf with exponent 1 over the resources, by browsers of a thousand
 * sessions; `privateRatio` of them are for private pages.
 */
export function zipfAsks(
  random: RandomStream,
  facts: {
    readonly kind: 'public/2k' | 'public/20k'
    readonly count: number
    readonly privateRatio: number
  },
): Ask[] {
  const rank = zipfRanks(random)
  return Array.from({ length: facts.count }, () => {
    const kind = random.next() < facts.privateRatio ? 'private/2k' : facts.kind
    const target = targetOf(kind, rank())
    return { target, session: sessionName(Math.floor(random.next() * sessionCount)) }
  })
}

/** Everybody asks for the same private page: what a lock on its key would put in a row. */
export function onePageAsks(): Ask[] {
  const target = targetOf('private/2k', 0)
  return Array.from({ length: sessionCount }, (_, i) => ({ target, session: sessionName(i) }))
}

/** Each resource of a kind once. */
export function everyAsk(kind: 'public/2k' | 'public/20k'): Ask[] {
  const session = sessionName(0)
  return Array.from({ length: resourceCount }, (_, i) => ({ target: targetOf(kind, i), session }))
}

/** The request as a browser sends it: some 800 bytes of head, with its session cookie. */
export function requestText(ask: Ask): string {
  return `GET ${ask.target} HTTP/1.1\r\n${browserLines}Cookie: ${cookieOf(ask)}\r\n\r\n`
}

/** The cookies that the asker's browser sends to the portal. */
export function cookieOf({ session }: Ask): string {
  return `PORTALSESSION=${session}; consent=1; lang=fr`
}

/** What a browser sends with every request of a page, in its order. */
export const browserLines = [
  'Host: portail.example.fr',
  'Connection: keep-alive',
  'sec-ch-ua-platform: "Windows"',
  'User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'sec-ch-ua: "Chromium";v="141", "Not?A_Brand";v="8", "Google Chrome";v="141"',
  'sec-ch-ua-mobile: ?0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: no-cors',
  'Sec-Fetch-Dest: style',
  'Referer: https://portail.example.fr/portal/home?school=0750001A',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7',
]
  .map((line) => `${line}\r\n`)
  .join('')

function sessionName(index: number): string {
  return `s${String(index).padStart(5, '0')}${'4f8a2c71d09e3b65'.repeat(2)}`
}

function zipfRanks(random: RandomStream): () => number {
  const reach: number[] = []
  let sum = 0
  for (let rank = 1; rank <= resourceCount; rank += 1) reach.push((sum += 1 / rank))
  return () => {
    const drawn = random.next() * sum
    let low = 0
    let high = reach.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((reach[middle] as number) > drawn) high = middle
      else low = middle + 1
    }
    return low
  }
}
