// What the other contenders do, as k6 would be used for it; `__ENV` says which row.
import http from 'k6/http'

const { TARGET, ROW, SECONDS, ARRIVALS, USERS } = __ENV
const shape =
  ROW === 'accuracy'
    ? {
        executor: 'constant-arrival-rate',
        rate: Number(ARRIVALS),
        timeUnit: `${SECONDS}s`,
        preAllocatedVUs: Number(USERS),
      }
    : { executor: 'constant-vus', vus: Number(USERS) }

export const options = {
  scenarios: { all: { ...shape, duration: `${SECONDS}s` } },
  summaryTrendStats: ['p(50)', 'p(99)', 'p(99.9)'],
  discardResponseBodies: false,
  batchPerHost: 6,
}

let isIn = false

// oxlint-disable-next-line import/no-default-export -- k6 wants one
export default function () {
  if (ROW === 'accuracy') {
    http.get(`${TARGET}/page`)
    return
  }
  if (!isIn) http.get(`${TARGET}/login`)
  isIn = true
  http.get(`${TARGET}/page`)
  const calls = []
  for (let call = 0; call < 9; call += 1) calls.push(['GET', `${TARGET}/api/${call}/u${__VU}`])
  http.batch(calls)
}
