import { test } from 'tap'
import { assembleResult } from './assemble.ts'
import type { Result } from './result.ts'
import { sampleArm, sampleRun } from './sample-evidence.ts'
import { viewsOf } from './views.ts'

const hostile = '<script>alert("&\u0007")</script>'

const results: Readonly<Record<string, Result>> = {
  both: assembleResult(sampleRun()),
  hostile: assembleResult(
    sampleRun({
      scenario: { name: hostile, title: { fr: hostile, en: hostile } },
      reproduce: hostile,
    }),
  ),
  direct: assembleResult(
    sampleRun({
      arms: { direct: sampleArm('direct'), edge: null },
      writes: { notAudited: 'no edge' },
    }),
  ),
}

const view = (result: string, file: string): string =>
  viewsOf(results[result] as Result)[file] as string

/** Names of elements that are opened and not closed, or the first place that is no XML. */
function xmlProblem(text: string): string | null {
  const open: string[] = []
  const attribute = String.raw`\s+[\w:.-]+="[^"<]*"`
  const token = new RegExp(
    String.raw`<\?xml[^>]*\?>|<(\/?)([\w.-]+)((?:${attribute})*)\s*(\/?)>|([^<]+)|(<)`,
    'g',
  )
  for (const [all, slash, name, , selfClosing, characters, stray] of text.matchAll(token)) {
    if (stray !== undefined) return `stray < before ${text.slice(0, 60)}`
    if (/&(?!amp;|lt;|gt;|quot;|#39;)/.test(characters ?? all)) return `bare & in ${all}`
    if (/[^\P{Cc}\n\t]/u.test(all)) return `control character in ${all}`
    if (name === undefined || selfClosing === '/') continue
    if (slash === '') open.push(name)
    else if (open.pop() !== name) return `</${name}> closes something else`
  }
  return open.length === 0 ? null : `not closed: ${open.join(', ')}`
}

test('the check itself sees text that is no XML', (t) => {
  for (const bad of ['<a><b></a>', '<a>', '<a b="<"/>', '<a>&x</a>', '<a b=1/>']) {
    t.not(xmlProblem(bad), null, bad)
  }
  t.equal(xmlProblem('<?xml version="1.0"?><a b="1"><c/>&amp;</a>'), null)
  t.end()
})

test('junit.xml is well-formed, whatever a scenario is called', (t) => {
  for (const name of Object.keys(results)) t.equal(xmlProblem(view(name, 'junit.xml')), null, name)
  t.end()
})

test('CI fails on the arm under test only, with figure, limit and sample', (t) => {
  const both = view('both', 'junit.xml')
  t.match(both, /failures="0"/, 'the edge holds, so a direct arm that breaks fails nothing')
  t.match(both, /<testsuite name="direct\.peak".*failures="0" skipped="4"/)
  t.match(both, /<testsuite name="write-audit" tests="2" failures="0" skipped="0"/)
  const direct = view('direct', 'junit.xml').replaceAll('\u00a0', ' ')
  t.match(
    direct,
    /<failure message="response p95 11 s &gt; 800 ms \(phase peak, out of 10,302\)"\/>/,
  )
  t.match(direct, /<testsuite name="write-audit" tests="2" failures="0" skipped="2"/)
  t.end()
})

test('an invalid run neither passes nor fails the portal in CI', (t) => {
  const arm = sampleArm('edge')
  const edge = { ...arm, generator: { ...arm.generator, cpuRatio: 0.95 } }
  const result = assembleResult(sampleRun({ arms: { direct: null, edge } }))
  const junit = viewsOf(result)['junit.xml'] as string
  t.match(junit, /<testsuite name="generator" tests="6" failures="1" skipped="0"/)
  t.match(junit, /<testsuite name="edge\.peak" tests="4" failures="0" skipped="4"/)
  t.end()
})

test('report.html is one file that asks for nothing and runs nothing', (t) => {
  for (const name of Object.keys(results)) {
    const html = view(name, 'report.html')
    t.notMatch(html, /<(script|link|img|iframe|object|embed|video|audio|base)\b/i, name)
    t.notMatch(html, /\b(src|srcset|xlink:href|action)=|url\(|@import|https?:/i, name)
    t.same(
      [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href),
      ['#en', '#fr'],
    )
  }
  t.end()
})

test('report.html stays under 2 MB for a whole day of seconds', (t) => {
  const arm = sampleArm('edge')
  const timeline = Array.from({ length: 86_400 }, (_, second) => ({
    ...(arm.timeline[second % arm.timeline.length] as (typeof arm.timeline)[number]),
    atMs: second * 1000,
  }))
  const day = { ...arm, timeline }
  const result = assembleResult(sampleRun({ arms: { direct: day, edge: day } }))
  t.ok((viewsOf(result)['report.html'] as string).length < 2_000_000)
  t.end()
})

test('report.html can be read without seeing it', (t) => {
  const html = view('both', 'report.html')
  const figures = html.match(/<figure>/g)?.length ?? 0
  t.ok(figures > 0)
  t.equal(
    html.match(/<svg [^>]*role="img" aria-label="[^"]+"/g)?.length,
    figures,
    'charts are named',
  )
  t.equal(
    html.match(/<table>/g)?.length,
    html.match(/<caption>[^<]+/g)?.length,
    'tables have captions',
  )
  t.equal(html.match(/<main>/g)?.length, 2, 'one main part a language')
  t.match(html, /<html lang="fr">[^]*<div class="page" id="en" lang="en">/)
  t.end()
})

test('summary.md leads with the verdict and ends with how to run it again', (t) => {
  const text = view('both', 'summary.md')
  t.match(text, /^# PASS: Closure morning\n/)
  t.match(text, /```sh\necluse rehearse closure-morning --seed 16/)
  t.match(text, /- Portal alone, peak: response p95/)
  t.end()
})
