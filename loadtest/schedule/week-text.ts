import { checkLine } from './plan-summary.ts'
import type { WeekPlan } from './week-plan.ts'

/** A planned week as people read it. */
export function weekText(week: WeekPlan): string {
  const { visits, pages, meanVisitMs, days, busiestMinute, mostInside, checks } = week
  const busiest = `${busiestMinute.day} ${busiestMinute.clock}`
  const fullest = `${mostInside.day} ${mostInside.clock}`
  return [
    `${visits} visits, ${pages} pages, ${(meanVisitMs / 60_000).toFixed(1)} min a visit`,
    ...days.map(({ day, visits, pages }) => `  ${day.padEnd(10)}${visits} visits, ${pages} pages`),
    `busiest minute  ${busiest}, ${Math.round(busiestMinute.pages / 60)} pages/s`,
    `most inside     ${fullest}, ${mostInside.people} people`,
    'Checks',
    ...checks.map(checkLine),
    '',
  ].join('\n')
}
