import { test } from 'tap'
import { waitingPage } from './waiting-page.ts'

test('the page says how many are ahead and how long, in both languages, and refreshes itself', async (t) => {
  const page = waitingPage({ ahead: 1_234, estimateSeconds: 601, pollSeconds: 17 })
  t.match(page, /<html lang="fr">/)
  t.match(page, /1\s234/u)
  t.match(page, /11 minutes/)
  t.match(page, /<section lang="en"/)
  t.match(page, /1,234/)
  t.match(page, /http-equiv="refresh" content="17"/)
})

test('the page is small and needs no script and no other file', async (t) => {
  const page = waitingPage({ ahead: 1e6, estimateSeconds: 1e6, pollSeconds: 28 })
  t.ok(Buffer.byteLength(page) < 4_096, `${Buffer.byteLength(page)} bytes`)
  t.notMatch(page, /<script|src=|url\(|https?:/)
})

test('a short wait is not given a false precision', async (t) => {
  for (const estimateSeconds of [0, 1, 60])
    t.match(waitingPage({ ahead: 0, estimateSeconds, pollSeconds: 2 }), /moins d’une minute/)
})
