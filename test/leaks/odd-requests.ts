import type { RandomStream } from '../../core/random.ts'
import { canary } from './canaries.ts'
import { oneOf, type Person } from './people.ts'

const suffixes = [
  ';x.css',
  '.css',
  '.js',
  '%00.css',
  '%0a.css',
  '%3b.css',
  '%3fx.css',
  '%23.png',
  '/',
]
const rewrites: readonly ((path: string) => string)[] = [
  (path) => path.replace('/', '//'),
  (path) => path.replace(/\/(?=[^/]*$)/, '%2f'),
  (path) => path.replace(/\/(?=[^/]*$)/, '%2F'),
  (path) => path.replace(/\/(?=[^/]*$)/, '\\'),
  (path) => path.replace(/\/(?=[^/]*$)/, '/./'),
  (path) => path.replace(/\/(?=[^/]*$)/, '/x/../'),
  (path) => path.replace(/\/(?=[^/]*$)/, ';v=1/'),
  (path) => `/assets/..${path}`,
  (path) => `/assets/..%2f${path.slice(1)}`,
  (path) => `/schools/..;${path}`,
  (path) => `/assets/%2e%2e${path}`,
  (path) => `/schools/x%2f..%2f..${path}`,
  (path) => `/portal/..\\${path.slice(1)}`,
]

/** The same page, or another, under an address that two servers may read differently. */
export function oddTarget(target: string, random: RandomStream): string {
  const [path = '/', query] = target.split('?', 2)
  const own = random.next() < 0.5 ? path : `/api/me/${Math.floor(random.next() * 4)}`
  const draw = random.next()
  if (draw < 0.3) return `${own}${oneOf(suffixes, random)}`
  if (draw < 0.7) return oneOf(rewrites, random)(own)
  if (query === undefined) return `${path}?_=;v=3`
  return `${path}?${oneOf(['_=1;v=3', 'v=4;_=1', '_=&v=5', '_=2&_=;v=6', '%5F=1&v=7', '&&v=8'], random)}`
}

/** Fields that make caches and proxies say the wrong thing to somebody. */
export function oddHeaders(people: readonly Person[], random: RandomStream): string[] {
  const other = oneOf(people, random)
  const one: readonly (readonly string[])[] = [
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Proto', 'https', 'X-Forwarded-Port', '1'],
    ['X-Original-URL', '/api/me/0'],
    ['X-Rewrite-URL', '/api/me/0'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['Ecluse-Identity', `user="${other.user}", school="s1", role="teacher"`],
    ['Ecluse-Audience', 'public', 'Ecluse-Cache-Control', 'max-age=60'],
    ['Connection', 'accept-language, cookie'],
    ['Connection', 'keep-alive, accept-encoding, if-none-match, x-forwarded-host, host'],
    ['Cookie', 'PORTALSESSION=another'],
    ['Cookie', `__Host-ecluse-pass=${other.session?.pass ?? 'none'}`],
    ['Accept-Language', 'de'],
    ['Host', 'evil.example'],
    ['Authorization', `Bearer ${other.user}`],
    ['Range', 'bytes=0-40'],
    ['If-None-Match', `"${canary('user', other.user)}v0"`],
    ['If-None-Match', '*'],
    ['If-Modified-Since', 'Mon, 23 Nov 2037 00:00:00 GMT'],
    ['Cache-Control', 'no-cache'],
    ['Cache-Control', 'max-age=0, max-stale=600'],
    ['Cache-Control', 'no-store'],
    ['Cache-Control', 'only-if-cached'],
    ['Pragma', 'no-cache'],
    ['TE', 'trailers', 'Upgrade', 'h2c'],
    ['Vary', 'nothing'],
    ['X-Padding', 'x'.repeat(3000)],
  ]
  return [...oneOf(one, random)]
}
