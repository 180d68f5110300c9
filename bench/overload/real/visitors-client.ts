import { Failure } from '../../../core/failure.ts'

/** Somebody with an open session at the portal, and what their forms must carry. */
export interface Visitor {
  readonly cookie: string
  readonly formToken: string
}

/** Logs `count` people in at the portal itself, before anything is measured. */
export async function logInAll(portalUrl: string, count: number): Promise<Visitor[]> {
  const visitors: Visitor[] = []
  for (let next = 0; next < count; next += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, count - next) }, (_, i) => next + i)
    visitors.push(...(await Promise.all(some.map((index) => logIn(portalUrl, index)))))
  }
  return visitors
}

const atOnce = 200

async function logIn(portalUrl: string, index: number): Promise<Visitor> {
  const account = `u${index}`
  const person = { account, school: `s${index % 20}`, class: 'c1', role: 'teacher' }
  const form = await fetch(`${portalUrl}/auth/login`, {
    method: 'POST',
    body: new URLSearchParams({ ...person, password: `pw-${account}` }),
    redirect: 'manual',
  })
  const ticket = `${portalUrl}${form.headers.get('location')}`
  const landed = await fetch(ticket, { redirect: 'manual' })
  const cookie = landed.headers.get('set-cookie')?.split(';')[0]
  const me = await fetch(`${portalUrl}/api/me`, { headers: { cookie: cookie ?? '' } })
  const formToken = me.headers.get('x-form-token')
  if (cookie === undefined || formToken === null) {
    const message = `expected a session for ${account}, found ${form.status}, ${me.status}`
    throw new Failure({ code: 'part-failed', message, source: 'origin' })
  }
  await me.arrayBuffer()
  return { cookie, formToken }
}
