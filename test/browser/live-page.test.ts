import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { test } from 'tap'
import { buildPage, builtPage } from '../../dashboards/live/page-store.ts'
import { addOperator } from '../../gateway/keys/operator-store.ts'
import { openBrowser } from '../support/browser.ts'
import { ask, until } from '../support/client.ts'
import { openTestEdge, routeClass, type TestEdge } from '../support/edge.ts'

const classes = [
  routeClass('page', { match: { methods: ['GET'], path: '/page' } }),
  routeClass('forum', { match: { methods: ['GET'], path: '/forum' } }),
]

const browser = await openBrowser({ viewport: { width: 1280, height: 900 } })

function openEdge(settings: Readonly<Record<string, unknown>> = {}): Promise<TestEdge> {
  return openTestEdge({
    answer: (_, response) => response.end('a page'),
    policy: { version: 1, classes },
    settings,
  })
}

/** A tab of the page, signed in as `token`'s owner; its own mistakes fail the test. */
async function openPage(edge: TestEdge, token?: string): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(edge.operationsUrl)) faults.push(`asked for ${request.url()}`)
  })
  if (token !== undefined) {
    await page.addInitScript((text) => sessionStorage.setItem('ecluse.token', text), token)
  }
  await page.goto(`${edge.operationsUrl}/live`)
  await page.waitForSelector('#headline[data-level="calm"]')
  return { page, faults }
}

const shown = (page: Page, figure: string): Promise<string | null> =>
  page.getAttribute(`[data-figure="${figure}"]`, 'data-value')

test('what the page shows is what /metrics says', async (t) => {
  const edge = await openEdge()
  t.teardown(edge.closeAll)
  const { page, faults } = await openPage(edge)
  t.teardown(() => page.close())
  await page.click('#numbers summary')
  for (let i = 0; i < 30; i += 1) await ask(`${edge.url}/page`)
  const served = await edge.metric('ecluse_requests_total', '{class="page",outcome="origin"}')
  t.equal(served, 30)
  const row = page.locator('#numbers-body tr', { hasText: 'servedTotal' }).locator('td')
  await until(async () => (await row.textContent()) === '30', 10_000)
  t.equal(await row.textContent(), '30')
  for (const [figure, metric] of [
    ['insideSessions', 'ecluse_inside_sessions'],
    ['waitingPeople', 'ecluse_waiting_people'],
  ] as const) {
    t.equal(Number(await shown(page, figure)), await edge.metric(metric), figure)
  }
  t.same(faults, [], 'and nothing outside was asked for')
})

test('axe finds nothing to object to, in both themes, signed in or not', async (t) => {
  const edge = await openEdge()
  t.teardown(edge.closeAll)
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  for (const token of [undefined, edge.keys.operationsToken]) {
    const { page } = await openPage(edge, token)
    await page.evaluate(axe)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const found = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } }
        const { violations } = await axe.run()
        return violations.map(({ id, impact, nodes }) => `${impact} ${id} ${nodes[0]?.html}`)
      })
      t.same(found, [], colorScheme)
    }
    await page.close()
  }
})

interface AxeResults {
  readonly violations: { id: string; impact: string; nodes: { html: string }[] }[]
}

test('closing a class asks first, is done for everybody and written down', async (t) => {
  const edge = await openEdge()
  t.teardown(edge.closeAll)
  const token = addOperator(edge.keysFolder, 'Ada', 'act')
  const { page } = await openPage(edge, token)
  t.teardown(() => page.close())
  const press = async (answer: '#confirm-no' | '#confirm-yes'): Promise<void> => {
    await page.click('#class-forum')
    await page.click(answer)
  }
  await press('#confirm-no')
  t.equal((await ask(`${edge.url}/forum`)).status, 200, 'no means no')
  await press('#confirm-yes')
  await page.waitForSelector('#trail li')
  t.equal((await ask(`${edge.url}/forum`)).status, 503)
  t.equal((await ask(`${edge.url}/page`)).status, 200)
  t.match(await page.textContent('#trail li'), /Ada.*class forum closed/)
  t.match(edge.lines, ['audit: class forum closed (policy 2), by Ada'])
  await page.click('#revert')
  await page.click('#confirm-yes')
  await until(async () => (await ask(`${edge.url}/forum`)).status === 200)
  t.equal((await ask(`${edge.url}/forum`)).status, 200)
})

test('a school’s stored answers are purged from the page', async (t) => {
  const edge = await openEdge()
  t.teardown(edge.closeAll)
  const { page } = await openPage(edge, edge.keys.operationsToken)
  t.teardown(() => page.close())
  await page.fill('#school', '0750001A')
  await page.click('#purge')
  await page.click('#confirm-yes')
  await page.waitForSelector('#trail li')
  t.match(await page.textContent('#trail li'), /purge/)
  t.match(await page.textContent('#result'), 'C’est vidé')
})

test('it is used with the keyboard alone, and Escape means no', async (t) => {
  const edge = await openEdge()
  t.teardown(edge.closeAll)
  const { page } = await openPage(edge, edge.keys.operationsToken)
  t.teardown(() => page.close())
  await page.focus('#bypass')
  await page.keyboard.press('Enter')
  t.equal(await page.evaluate('document.activeElement.id'), 'confirm-no', 'no comes first')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#headline[data-level="watch"]')
  t.match(await page.textContent('#sentence'), 'Écluse est contournée')
})

test('somebody who may only view is offered nothing to do', async (t) => {
  const edge = await openEdge()
  t.teardown(edge.closeAll)
  const { page } = await openPage(edge, addOperator(edge.keysFolder, 'Basile', 'view'))
  t.teardown(() => page.close())
  t.equal(await page.textContent('#who'), 'Basile')
  t.equal(await page.locator('#controls button').count(), 0)
  await page.click('#language')
  t.equal(await page.getAttribute('html', 'lang'), 'en')
  t.equal(await page.textContent('#sentence'), 'All is well')
})

test('a connection that is lost is said, and found again', async (t) => {
  const edge = await openEdge()
  const { page } = await openPage(edge)
  t.teardown(() => page.close())
  await edge.closeAll()
  await page.waitForSelector('body.stale')
  t.match(await page.textContent('#sentence'), 'Connexion perdue')
  const { port } = new URL(edge.operationsUrl)
  const again = await openEdge({ 'operations.port': Number(port) })
  t.teardown(again.closeAll)
  await page.waitForSelector('body:not(.stale) #headline[data-level="calm"]')
})

test('the page in the repository is the one its sources build, and small', async (t) => {
  t.equal(readFileSync(builtPage, 'utf8'), await buildPage(), 'else: npm run dashboards:build')
  t.ok(statSync(builtPage).size < 150_000)
})

test('the browser is closed', async (t) => {
  await browser.close()
  t.end()
})
