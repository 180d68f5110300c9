import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openBrowser } from '../support/browser.ts'

/**
 * `npm run dashboards:shoot`: rehearses, and takes pictures of the live page while it runs, in both
 * themes, on a phone and on a wall. They land in results/screenshots/.
 */
const folder = 'results/screenshots'
const screens = { phone: { width: 390, height: 844 }, wall: { width: 1920, height: 1080 } }
/** Well into the arm with the edge: both arms are there to be compared. */
const untilShownMs = Number(process.argv[2] ?? 130) * 1_000

const rehearsal = spawn(process.execPath, ['bin/ecluse', 'rehearse'], {
  stdio: ['ignore', 'inherit', 'pipe'],
})
const lines = createInterface({ input: rehearsal.stderr })
const url = await new Promise<string>((resolve, reject) => {
  lines.on('line', (line) => {
    console.error(line)
    const found = /http:\S+\/live/.exec(line)
    if (found) resolve(found[0])
  })
  rehearsal.once('exit', () => reject(new Error('the rehearsal ended before it had a page')))
})
mkdirSync(folder, { recursive: true })
await new Promise((resolve) => setTimeout(resolve, untilShownMs))
for (const [screen, viewport] of Object.entries(screens)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const browser = await openBrowser({ viewport, colorScheme })
    const page = await browser.context.newPage()
    await page.goto(url)
    await page.waitForSelector('[data-figure="edge:inTimePerSecond"]')
    await page.waitForTimeout(2_500)
    const path = `${folder}/${screen}-${colorScheme}.png`
    await page.screenshot({ path, fullPage: screen === 'phone' })
    await browser.close()
    console.error(`wrote ${path}`)
  }
}
rehearsal.kill('SIGINT')
process.exitCode = await new Promise((resolve) =>
  rehearsal.once('exit', (code) => resolve(code === 130 ? 0 : (code ?? 1))),
)
