import { writeBoards } from './grafana-store.ts'
import { writePage } from './live/page-store.ts'
import { writeRules } from './prometheus-store.ts'

const usage = `Usage: ecluse dashboards build    write the live page, the Prometheus rules and the Grafana dashboards
`

/** Command `dashboards`: writes what operators look at from its sources. */
export async function main(argv: readonly string[]): Promise<number> {
  const [action, ...rest] = argv
  if (action === '--help') {
    process.stdout.write(usage)
    return 0
  }
  if (action !== 'build' || rest.length > 0) {
    process.stderr.write(usage)
    return 2
  }
  console.log(`dashboards/live/live.html: ${await writePage()} bytes`)
  await writeRules()
  console.log('dashboards/prometheus/ecluse-rules.yml')
  console.log(`dashboards/grafana/: ${await writeBoards()} dashboards`)
  return 0
}
