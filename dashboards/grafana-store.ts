import { writeFile } from 'node:fs/promises'
import {
  type Dashboard,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as CurvesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { type BoardFacts, boards, type PanelFacts } from './boards.ts'

/** Where the dashboard of this address lies. */
export function boardFile(uid: string): URL {
  return new URL(`grafana/${uid}.json`, import.meta.url)
}

/** A dashboard as Grafana (10 or newer) imports it. */
export function boardText(board: BoardFacts): string {
  return `${JSON.stringify(boardOf(board), null, 2)}\n`
}

/** Writes every dashboard. */
export async function writeBoards(): Promise<number> {
  for (const board of boards) await writeFile(boardFile(board.uid), boardText(board))
  return boards.length
}

const datasource = { type: 'prometheus', uid: '${datasource}' }

function boardOf({ uid, title, panels }: BoardFacts): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .tags(['ecluse'])
    .timezone('browser')
    .refresh('5s')
    .time({ from: 'now-1h', to: 'now' })
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Source').type('prometheus'))
    .link(
      new DashboardLinkBuilder('Écluse')
        .type(DashboardLinkType.Dashboards)
        .tags(['ecluse'])
        .keepTime(true),
    )
  let [x, y] = [0, 0]
  for (const [i, facts] of panels.entries()) {
    const { width, height } = sizeOf(facts)
    if (x + width > gridWidth) [x, y] = [0, y + rowHeight]
    builder.withPanel(
      panelOf(facts)
        .id(i + 1)
        .gridPos({ x, y, w: width, h: height }),
    )
    x += width
  }
  return builder.build()
}

const gridWidth = 24
const rowHeight = 8

function sizeOf({ draws }: PanelFacts): { readonly width: number; readonly height: number } {
  return draws === 'number' ? { width: 6, height: rowHeight } : { width: 12, height: rowHeight }
}

function panelOf(facts: PanelFacts) {
  const builder = emptyPanel(facts)
    .title(facts.title)
    .description(facts.help)
    .unit(facts.unit)
    .datasource(datasource)
    .thresholds(thresholdsOf(facts))
  for (const [i, { expr, legend }] of facts.queries.entries()) {
    builder.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCodePoint(65 + i))
        .expr(expr)
        .legendFormat(legend)
        .datasource(datasource),
    )
  }
  return builder
}

function emptyPanel({ draws }: PanelFacts): StatBuilder | TableBuilder | CurvesBuilder {
  switch (draws) {
    case 'number':
      return new StatBuilder()
    case 'table':
      return new TableBuilder()
    case 'curves':
      return new CurvesBuilder().min(0).lineWidth(2).fillOpacity(0)
  }
}

function thresholdsOf({ watchFrom, actFrom }: PanelFacts): ThresholdsConfigBuilder {
  const steps = [
    { value: null, color: 'text' },
    ...(watchFrom === undefined ? [] : [{ value: watchFrom, color: 'orange' }]),
    ...(actFrom === undefined ? [] : [{ value: actFrom, color: 'red' }]),
  ]
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps)
}
