import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions } from '../bench.ts'
import { loadCore } from '../cache/server-process.ts'
import { textTable } from '../text-table.ts'
import { measureAccuracy } from './accuracy.ts'
import { autocannonIn, type Client, hey, isThere, k6In, undici, wrk } from './clients-process.ts'
import { type LoadRow, loadMarks, loadRows } from './marks.ts'
import { type Measured, type Tools } from './measured.ts'
import { installTools } from './servers-process.ts'
import { measureIdle, measurePaced, measureSpeed } from './speed.ts'

/** Our load engine beside other load tools: is what it says true, and what does it cost. */
export const loadBench: Bench = {
  rows: loadRows,
  marks: loadMarks,
  async run(options) {
    // This process does nothing while a client measures, but belongs to the load's core.
    spawnSync('taskset', ['-apc', String(loadCore), String(process.pid)], { stdio: 'ignore' })
    const folder = mkdtempSync(join(tmpdir(), 'ecluse-bench-'))
    try {
      installTools(folder, options.say)
      const tools = toolsIn(folder, options)
      const found: Measured[] = []
      for (const row of loadRows) {
        if (options.only.length === 0 || options.only.includes(row))
          found.push(await rows[row](tools))
      }
      return {
        lines: found.flatMap(({ table }) => [...textTable(table), '']),
        figures: found.flatMap(({ figures }) => figures),
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const rows: Readonly<Record<LoadRow, (tools: Tools) => Promise<Measured>>> = {
  accuracy: measureAccuracy,
  speed: measureSpeed,
  paced: measurePaced,
  idle: measureIdle,
}

function toolsIn(folder: string, options: BenchOptions): Tools {
  const hasK6 = isThere('k6')
  if (!hasK6) options.say('no k6 on the path: its figures are missing, and the mark beside it')
  const k6: Readonly<Record<string, Client>> = hasK6 ? { k6: k6In(folder) } : {}
  const autocannon = autocannonIn(folder)
  return {
    folder,
    options,
    pacedClients: { ...k6, autocannon, wrk },
    clients: { ...k6, autocannon, wrk, hey, 'undici dispatch': undici },
  }
}
