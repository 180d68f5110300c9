import { test } from 'tap'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { assetNamesOf, routeTableOf } from './routes.ts'
import { serviceClasses } from './service-model.ts'

const find = routeTableOf(referencePortal)

test('every request of a page and of the login finds its own service class', async (t) => {
  const pages = Object.values(referencePortal.pages)
  const requests = pages.flatMap((page) => [page.document, ...page.data, ...page.writes])
  for (const request of [...referencePortal.login, referencePortal.logout, ...requests]) {
    const path = request.path
      .replace(/\?.*/, '')
      .replace('{school}', 's3')
      .replace('{class}', 'c40')
      .replace('{item}', '7')
    const match = find(request.method, path)
    t.equal(match.kind === 'service' && match.service, request.service, path)
    t.ok(serviceClasses[request.service], request.service)
  }
})

test('ids come out of the path as written', async (t) => {
  const rows = [
    ['GET', '/api/classes/c40/homework/7', { class: 'c40', item: '7' }],
    ['GET', '/api/schools/s3/news', { school: 's3' }],
    ['GET', '/api/me/homework/7', { item: '7' }],
    ['GET', '/api/me/homework', {}],
  ] as const
  for (const [method, path, ids] of rows) {
    const match = find(method, path)
    t.same(match.kind === 'service' && match.ids, ids, path)
  }
})

test('a path or method the portal does not have is not found', async (t) => {
  const rows = [
    ['DELETE', '/api/me'],
    ['GET', '/api/messages'],
    ['GET', '/'],
    ['GET', '/schools/'],
    ['GET', '/schools/s3/more'],
    ['GET', '/portal/nowhere'],
    ['GET', '/assets/x'],
    ['GET', '/api/me/__proto__'],
  ] as const
  for (const [method, path] of rows) t.equal(find(method, path).kind, 'none', `${method} ${path}`)
})

test('files are found by fingerprint and name', async (t) => {
  const match = find('GET', '/assets/12345678/app.js')
  t.same(match, { kind: 'asset', fingerprint: '12345678', name: 'app.js' })
  t.ok(assetNamesOf(referencePortal).has('landing-17.svg'))
})
