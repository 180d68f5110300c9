import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Test, test } from 'tap'
import { initKeys } from '../../gateway/keys/key-store.ts'
import { openOrigin } from '../support/origin.ts'
import { freeAddress, startHaproxy, startNginx } from './balancer.ts'

const bin = fileURLToPath(new URL('../../bin/ecluse', import.meta.url))
const policy = fileURLToPath(new URL('../../gateway/dialects/reference.yaml', import.meta.url))

/** What one visitor lived who asks for a page every 20 ms. */
interface Asked {
  readonly atMs: number
  readonly status: number
  /** Whether the answer came through the edge. */
  readonly isFromEdge: boolean
}

for (const { name, start } of [
  { name: 'HAProxy', start: startHaproxy },
  { name: 'nginx', start: startNginx },
]) {
  test(`behind ${name} a dead edge is gone round by itself, and come back to`, async (t) => {
    const portal = await openOrigin((_, response) => response.end('page'))
    t.teardown(() => portal.close())
    const [front, first, second] = await Promise.all([1, 2, 3].map(freeAddress))
    const edges = [first as string, second as string] as const
    const origin = new URL(portal.url)
    await start(t, { front: front as string, edges, portal: origin.host })
    const edge = await startEdge(t, portal.url, edges[0])
    const visitor = visit(`http://${front}/portal/home`)
    t.teardown(() => visitor.stop())

    await visitor.until((last) => last.isFromEdge)
    const killedAtMs = performance.now()
    edge.kill('SIGKILL')
    await visitor.until((last) => last.status === 200 && !last.isFromEdge)
    // Everybody is served again; from here on nobody may see an error.
    await delay(2_000)
    await startEdge(t, portal.url, edges[0])
    await visitor.until((last) => last.isFromEdge)
    visitor.stop()

    const errors = visitor.asked.filter(({ status }) => status !== 200)
    const late = errors.filter(({ atMs }) => atMs > killedAtMs + 2_000)
    t.comment(`${visitor.asked.length} asked, ${errors.length} errors`)
    t.same(late, [], 'no error later than two seconds after the edge died')
  })
}

async function startEdge(t: Test, originUrl: string, address: string): Promise<ChildProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-edge-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  initKeys(join(folder, 'keys'))
  const settings = {
    listen: { port: Number(address.split(':')[1]) },
    operations: { port: 0 },
    internal: { port: 0 },
    origin: { url: originUrl },
    keys: { folder: join(folder, 'keys') },
    policy: { file: policy },
  }
  const config = join(folder, 'gateway.json')
  writeFileSync(config, JSON.stringify(settings))
  const parameters = ['-u', 'NODE_OPTIONS', process.execPath, bin, 'gateway', '--config', config]
  const child = spawn('/usr/bin/env', parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(createInterface({ input: child.stdout }), 'line')
  return child
}

/** Asks for a page again and again until stopped. */
function visit(url: string) {
  const asked: Asked[] = []
  const stopping = new AbortController()
  const ask = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      asked.push(await look(url))
      await delay(20)
    }
  }
  void ask()
  return {
    asked: asked as readonly Asked[],
    stop: () => stopping.abort(),
    async until(isSo: (last: Asked) => boolean): Promise<void> {
      for (let round = 0; round < 500; round += 1) {
        const last = asked.at(-1)
        if (last !== undefined && isSo(last)) return
        await delay(20)
      }
      throw new Error(`not so after ten seconds: ${JSON.stringify(asked.at(-1))}`)
    },
  }
}

async function look(url: string): Promise<Asked> {
  const atMs = performance.now()
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) })
    await response.text()
    return { atMs, status: response.status, isFromEdge: response.headers.has('cache-status') }
  } catch {
    return { atMs, status: 0, isFromEdge: false }
  }
}
