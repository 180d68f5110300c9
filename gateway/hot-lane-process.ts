import type { Server } from 'node:http'
import type { Clock } from '../core/clock.ts'
import type { Answer, Exchange } from './exchange.ts'
import { HotLane } from './hot-lane/hot-lane.ts'
import { attachParserLane, parserLaneWorks } from './hot-lane/parser-lane.ts'
import type { GatewayMeter } from './metrics.ts'
import type { Policy } from './policy/policy.ts'
import type { GatewaySettings } from './settings.ts'

export interface OpenedLane {
  /** To be called with each answer that the pipeline gave. */
  learn(exchange: Exchange, answer: Answer): void
  close(): Promise<void>
}

export interface HotLaneDependencies {
  readonly server: Server
  readonly clock: Clock
  readonly meter: GatewayMeter
  readonly settings: GatewaySettings
  policy(): Policy
  isDraining(): boolean
  onServed(school: string | null, requests: number): void
  log(line: string): void
}

/** Puts the hot lane before a server, where it is wanted and where this Node allows it. */
export async function openHotLane(deps: HotLaneDependencies): Promise<OpenedLane> {
  const maxBytes = deps.settings['hotLane.maxBytes']
  if (maxBytes === 0) return noLane
  if (!(await parserLaneWorks())) {
    deps.log(`hot lane: off, Node ${process.versions.node} is not as it expects; all else works.`)
    return noLane
  }
  const { server, meter } = deps
  const lane = new HotLane({
    ...deps,
    maxBytes,
    allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
    connectionLines: connectionLinesOf(server),
  })
  attachParserLane(server, {
    find: (target, lines) => lane.find(target, lines),
    given: (hit) => lane.given(hit),
    slow: ({ hot, asker }, end, tookMs) => {
      const labels = { class: hot.className }
      meter.count('ecluse_requests_total', { ...labels, outcome: end })
      meter.observe('ecluse_edge_seconds', {}, 0)
      if (end === 'abandoned') return
      meter.count('ecluse_hot_answers_total', labels)
      meter.observe('ecluse_request_seconds', labels, tookMs / 1_000)
      deps.onServed(asker.school, 1)
    },
  })
  const report = (): void => {
    const { byClass, bySchool } = lane.takeTally()
    for (const [className, times] of byClass) count(meter, className, times)
    for (const [school, requests] of bySchool) deps.onServed(school, requests)
  }
  const reporting = setInterval(report, reportEveryMs).unref()
  return {
    learn: (exchange, answer) => lane.learn(exchange, answer),
    close: async () => {
      clearInterval(reporting)
      report()
    },
  }
}

/** Counters are this much behind at most. */
const reportEveryMs = 250
const noLane: OpenedLane = {
  learn: () => undefined,
  close: async () => undefined,
}

/** Each took less than a tenth of a millisecond, which no bucket tells from nothing. */
function count(meter: GatewayMeter, className: string, times: number): void {
  const labels = { class: className }
  meter.count('ecluse_requests_total', { ...labels, outcome: 'fresh' }, times)
  meter.count('ecluse_hot_answers_total', labels, times)
  meter.observeAlike('ecluse_request_seconds', labels, { value: 0, times })
  meter.observeAlike('ecluse_edge_seconds', {}, { value: 0, times })
}

function connectionLinesOf({ keepAliveTimeout }: Server): string {
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveTimeout / 1_000)}\r\n`
}
