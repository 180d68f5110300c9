import { test } from 'tap'
import type { RouteClass, RouteMatch } from '../policy/policy.ts'
import { unknownClass } from '../policy/policy.ts'
import { routeTable } from './route-table.ts'

const routeClass = (name: string, match: RouteMatch): RouteClass => ({
  ...unknownClass,
  name,
  match,
})

const table = routeTable([
  routeClass('delete-by-get', {
    methods: ['GET'],
    path: '/sg.do',
    query: { PROC: 'MESSAGERIE', ACTION: 'MASQUER_COMMUNICATION' },
  }),
  routeClass('messages', { methods: ['GET'], path: '/sg.do', query: { PROC: 'MESSAGERIE' } }),
  routeClass('read', { methods: ['GET', 'HEAD'], path: '/api/classes/*/homework' }),
  routeClass('publish', { methods: ['PUT'], path: '/api/classes/*/homework/*' }),
  routeClass('assets', { methods: ['GET'], path: '/assets/**' }),
  routeClass('any-help', { methods: ['GET'], path: '/*/help' }),
])

const rows: { method?: string; target: string; isPlain?: boolean; expect: string }[] = [
  { target: '/api/classes/c4/homework', expect: 'read' },
  { method: 'HEAD', target: '/api/classes/c4/homework', expect: 'read' },
  { method: 'POST', target: '/api/classes/c4/homework', expect: 'unknown' },
  { target: '/api/classes/c4/homework/7', expect: 'unknown' },
  { method: 'PUT', target: '/api/classes/c4/homework/7', expect: 'publish' },
  { target: '/assets/1/app.js', expect: 'assets' },
  { target: '/assets', expect: 'unknown' },
  { target: '/assets/', expect: 'assets' },
  { target: '/assets/x;y', isPlain: false, expect: 'unknown' },
  { target: '/sg.do?PROC=MESSAGERIE', expect: 'messages' },
  { target: '/sg.do?PROC=MESSAGERIE&ACTION=MASQUER_COMMUNICATION', expect: 'delete-by-get' },
  { target: '/sg.do?PROC=AUTRE&PROC=MESSAGERIE', expect: 'unknown' },
  { target: '/sg.do', expect: 'unknown' },
  { target: '/welcome/help', expect: 'any-help' },
  { target: '/', expect: 'unknown' },
]

for (const { method = 'GET', target, isPlain = true, expect } of rows) {
  test(`${method} ${target} is ${expect}`, async (t) => {
    const [path = '', query = ''] = target.split('?')
    t.equal(table.classify({ method, path, query, isPlain }).name, expect)
  })
}
