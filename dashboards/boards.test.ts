import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { stringify } from 'yaml'
import { ask, until } from '../test/support/client.ts'
import { openTestEdge, routeClass, type TestEdge } from '../test/support/edge.ts'
import { openPolicy } from '../test/support/exchange.ts'
import { metricsText } from '../queue-workers/metrics.ts'
import { boards } from './boards.ts'
import { boardFile, boardText } from './grafana-store.ts'
import { rulesFile } from './prometheus-store.ts'
import { alertRules, recordingRules } from './rules.ts'

test('the dashboards in the repository are the ones the code builds', async (t) => {
  for (const board of boards) {
    const text = readFileSync(boardFile(board.uid), 'utf8')
    t.equal(text, boardText(board), `${board.uid}: else npm run dashboards:build`)
  }
})

test('a dashboard begins with where it hurts, and its panels do not overlap', async (t) => {
  for (const board of boards) {
    t.equal(board.panels[0]?.title, 'Où passe le temps (p95)', board.uid)
    const { panels } = JSON.parse(boardText(board)) as {
      panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[]
    }
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    )
    t.equal(new Set(cells).size, cells.length, board.uid)
    t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  }
})

/** Nobody is turned away, waits or writes in the test's minute unless it makes them. */
const classes = [
  routeClass('page', { match: { methods: ['GET'], path: '/page' } }),
  routeClass('login', {
    match: { methods: ['GET'], path: '/login' },
    servedBy: 'identity-provider',
  }),
  routeClass('shared', {
    match: { methods: ['GET'], path: '/shared' },
    cache: {
      audience: 'public',
      freshSeconds: 60,
      staleWhileRevalidateSeconds: 0,
      staleIfErrorSeconds: 0,
      ignoreQuery: [],
    },
  }),
  routeClass('shut', { match: { methods: ['GET'], path: '/shut' } }),
]

/** Queries that have no data when all is well and nothing is configured: no Redis runs here. */
const withoutData =
  /ecluse_redis|ecluse_limiter|ecluse_writes_absorbed|ecluse_backlog|ecluse_cache_bytes$/

async function startPrometheus(folder: string, targets: Readonly<Record<string, string>>) {
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [fileURLToPath(rulesFile)],
    scrape_configs: Object.entries(targets).map(([job, url]) => ({
      job_name: job,
      static_configs: [{ targets: [new URL(url).host] }],
    })),
  }
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config))
  const port = await freePort()
  const server = spawn('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ])
  const closed = once(server, 'close')
  return {
    url: `http://127.0.0.1:${port}`,
    end: async () => {
      server.kill('SIGKILL')
      await closed
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Asks for every kind of page until it is told to stop. */
async function play(edge: TestEdge, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    for (const path of ['page', 'login', 'shared', 'shut']) await ask(`${edge.url}/${path}`)
    await setTimeout(50)
  }
}

test('every query of every panel, rule and alert is taken by Prometheus, and has data where data is due', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-prometheus-'))
  const edge = await openTestEdge({
    answer: (_, response) => response.end('a page'),
    policy: {
      classes,
      closed: ['shut'],
      stages: { ...openPolicy.stages, 'rate-limit': 'off', 'write-absorption': 'off' },
    },
    settings: { 'probe.path': '/page', 'probe.everySeconds': 1 },
  })
  const workers = createServer((_, response) => {
    const figures = {
      applied: 3,
      retried: 1,
      deadLettered: 0,
      backlog: 0,
      oldestAgeMs: 0,
      isPaused: false,
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
    response.end(metricsText(figures))
  }).listen(0, '127.0.0.1')
  await once(workers, 'listening')
  const workersUrl = `http://127.0.0.1:${(workers.address() as AddressInfo).port}`
  const prometheus = await startPrometheus(folder, {
    'ecluse-edge': edge.operationsUrl,
    'ecluse-workers': workersUrl,
  })
  t.teardown(async () => {
    await prometheus.end()
    workers.close()
    await edge.closeAll()
    rmSync(folder, { recursive: true })
  })
  const query = async (expr: string): Promise<unknown[] | string> => {
    try {
      const url = `${prometheus.url}/api/v1/query?query=${encodeURIComponent(expr)}`
      const said = JSON.parse((await ask(url)).body) as PrometheusAnswer
      return said.status === 'success' ? said.data.result : said.error
    } catch (error) {
      return String(error)
    }
  }
  const over = new AbortController()
  const playing = play(edge, over.signal)
  await until(async () => (await query('count_over_time(up[1m]) >= 4')).length === 2, 30_000)
  const [{ record } = { record: '' }] = recordingRules
  // The rules are evaluated every 15 s.
  await until(async () => (await query(record)).length > 0, 40_000)
  t.ok((await query(record)).length > 0, record)
  over.abort()
  await playing
  const exprs = [
    ...boards.flatMap(({ panels }) =>
      panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
    ),
    ...recordingRules.map(({ expr }) => expr),
  ]
  for (const expr of new Set(exprs)) {
    const result = await query(expr)
    t.ok(Array.isArray(result), `${expr}: ${Array.isArray(result) ? 'taken' : result}`)
    if (!withoutData.test(expr)) t.ok(result.length > 0, `${expr} has data`)
  }
  for (const { alert, expr } of alertRules) {
    t.ok(Array.isArray(await query(expr)), alert)
  }
})

interface PrometheusAnswer {
  readonly status: string
  readonly data: { readonly result: unknown[] }
  readonly error: string
}
