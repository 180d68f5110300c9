import type { RequestListener } from 'node:http'
import type { Policy } from '../../gateway/policy/policy.ts'
import { ask, type TestAnswer } from './client.ts'
import { plainPolicy, routeClass } from './edge.ts'

const rules = {
  freshSeconds: 300,
  staleWhileRevalidateSeconds: 0,
  staleIfErrorSeconds: 0,
  ignoreQuery: [],
}
const get = (path: string) => ({ methods: ['GET'], path })

/** What people share: news with everybody, the timetable with their school. */
export const sharingPolicy: Policy = {
  ...plainPolicy,
  stages: { ...plainPolicy.stages, cache: 'enforce', coalescing: 'enforce' },
  classes: [
    routeClass('news', { match: get('/news/*'), cache: { ...rules, audience: 'public' } }),
    routeClass('timetable', { match: get('/timetable'), cache: { ...rules, audience: 'school' } }),
  ],
}

/** A portal that counts what it is asked for: each answer says the how manieth of its path it is. */
export function countingPortal(): {
  readonly answer: RequestListener
  asked(path: string): number
} {
  const counts = new Map<string, number>()
  return {
    answer: (request, response) => {
      const path = request.url ?? ''
      const count = (counts.get(path) ?? 0) + 1
      counts.set(path, count)
      if (path === '/login')
        response.setHeader('Ecluse-Identity', 'user="u1", school="s1", role="pupil"')
      else if (path === '/save') response.setHeader('Cache-Group-Invalidation', '"headlines"')
      else if (path === '/news/1') response.setHeader('Cache-Groups', '"headlines"')
      request.resume()
      response.end(`${path} ${count}`)
    },
    asked: (path) => counts.get(path) ?? 0,
  }
}

/** Somebody of school s1, logged in at one edge process. */
export async function pupilAt(edgeUrl: string): Promise<(path: string) => Promise<TestAnswer>> {
  const headers = { host: 'ent.example', cookie: 'PORTALSESSION=a-session-of-s1' }
  await ask(`${edgeUrl}/login`, { headers })
  return (path) => ask(`${edgeUrl}${path}`, { headers })
}

/** Purges at an operations port, as an operator does. */
export function purgeAt(
  edge: { readonly operationsUrl: string; readonly keys: { readonly operationsToken: string } },
  order: unknown,
): Promise<TestAnswer> {
  return ask(`${edge.operationsUrl}/purge`, {
    method: 'POST',
    body: typeof order === 'string' ? order : JSON.stringify(order),
    headers: { authorization: `Bearer ${edge.keys.operationsToken}` },
  })
}
