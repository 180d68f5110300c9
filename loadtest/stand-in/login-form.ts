import type { Person } from './session-table.ts'

export type FormReading =
  | { readonly kind: 'ok'; readonly person: Person }
  | { readonly kind: 'rejected'; readonly reason: 'form' | 'password' }

/** What the form must hold, for whoever got it wrong. */
export const formExample = 'account=u17&school=s3&class=c40&role=pupil&password=pw-u17'

const formFields = { account: /^u\d+$/, school: /^s\d+$/, class: /^c\d+$/, role: /^[a-z]+$/ }

/**
 * Who logs in. The model portal has no directory: every account `u17` exists, with the password
 * `pw-u17`, in the school and class the form names.
 */
export function personOfForm(form: string): FormReading {
  const fields = new URLSearchParams(form)
  for (const [name, pattern] of Object.entries(formFields)) {
    if (!pattern.test(fields.get(name) ?? '')) return { kind: 'rejected', reason: 'form' }
  }
  const user = fields.get('account') as string
  if (fields.get('password') !== `pw-${user}`) return { kind: 'rejected', reason: 'password' }
  const school = fields.get('school') as string
  const classId = fields.get('class') as string
  return { kind: 'ok', person: { user, school, classId, role: fields.get('role') as string } }
}
