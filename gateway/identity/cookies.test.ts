import { test } from 'tap'
import { cookieSet, cookieValue, withoutOurCookies } from './cookies.ts'

const valueRows: { header: string | undefined; expect: string | null; what?: string }[] = [
  { header: undefined, expect: null },
  { header: '', expect: null },
  { header: 'S=1', expect: '1' },
  { header: 'a=2; S=1; b=3', expect: '1' },
  { header: 'S=1;b=3', expect: '1' },
  { header: ' S = 1 ', expect: '1' },
  { header: 'S=', expect: '' },
  { header: 'S', expect: null },
  { header: 's=1', expect: null, what: 'names are case-sensitive' },
  { header: 'XS=1; SX=2', expect: null },
  { header: 'S=a=b==', expect: 'a=b==' },
  { header: 'S=1; S=1', expect: '1' },
  { header: 'S=1; S=2', expect: null, what: 'which one the origin takes is unknown' },
]

for (const { header, expect, what = 'read' } of valueRows) {
  test(`cookie S in ${JSON.stringify(header)} is ${expect}: ${what}`, async (t) => {
    t.equal(cookieValue(header, 'S'), expect)
  })
}

const keptRows = [
  { header: 'a=1; b=2', expect: 'a=1; b=2' },
  { header: '__Host-ecluse-pass=x', expect: null },
  { header: '__Host-ecluse-pass=x; a=1', expect: 'a=1' },
  { header: 'a=1; __Host-ecluse-pass=x; b=2', expect: 'a=1; b=2' },
  { header: 'a=1;__Host-ecluse-ticket=x', expect: 'a=1' },
  { header: 'a=__Host-ecluse-pass', expect: 'a=__Host-ecluse-pass' },
]

for (const { header, expect } of keptRows) {
  test(`of "${header}" the origin sees ${expect}`, async (t) => {
    t.equal(withoutOurCookies(header), expect)
  })
}

const setRows: { line: string; expect: ReturnType<typeof cookieSet> }[] = [
  { line: 'S=1', expect: { name: 'S', value: '1' } },
  { line: 'S=1; Path=/; HttpOnly', expect: { name: 'S', value: '1' } },
  { line: ' S = a=b ; Secure', expect: { name: 'S', value: 'a=b' } },
  { line: 'S=; Path=/', expect: { name: 'S', value: null } },
  { line: 'S=gone; Max-Age=0', expect: { name: 'S', value: null } },
  { line: 'S=gone; max-age = -0', expect: { name: 'S', value: null } },
  { line: 'S=kept; Max-Age=10', expect: { name: 'S', value: 'kept' } },
  { line: '=1', expect: null },
  { line: 'S', expect: null },
]

for (const { line, expect } of setRows) {
  test(`Set-Cookie "${line}" sets ${JSON.stringify(expect)}`, async (t) => {
    t.same(cookieSet(line), expect)
  })
}
