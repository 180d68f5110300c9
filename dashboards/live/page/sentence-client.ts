import { byId, mark, write } from './elements-client.ts'
import { type Headline, headlineOf } from './headline.ts'
import { figureOf, type Model } from './model.ts'
import { formatFigure } from './number-format.ts'
import { type Language, say } from './words.ts'

/** The sentence at the top, who is signed in, and the time of the newest row. */
export function buildSentence(model: Model, language: Language): () => void {
  return () => {
    const { level, sentence, advice } = sentenceOf(model, language)
    mark(byId('headline'), 'data-level', level)
    write(byId('sentence'), sentence)
    write(byId('advice'), advice)
    // Spoken when the state changes, not at every number.
    write(byId('said'), sentence)
    document.title = `${sentence} · Écluse`
    write(byId('who'), model.you.name ?? '')
    write(byId('clock'), clockOf(model.newestAtMs, language))
  }
}

function sentenceOf(model: Model, language: Language) {
  if (model.kind === 'rehearsal' && model.connection === 'open' && model.rehearsal) {
    return rehearsalSentence(model.rehearsal, language)
  }
  const figure = (name: string): number => figureOf(model, name) ?? 0
  const headline = headlineOf({
    connection: model.connection,
    isBypassed: model.edge?.isBypassed ?? false,
    isDraining: model.edge?.health.state === 'draining',
    degraded: model.edge?.health.degraded ?? [],
    throughGoodRatio: figureOf(model, 'throughGoodRatio'),
    aroundGoodRatio: figureOf(model, 'aroundGoodRatio'),
    served: figure('servedPerSecond'),
    turnedAway: figure('turnedAwayPerSecond'),
    failed: figure('failedPerSecond'),
    waitingPeople: figure('waitingPeople'),
    backlogAgeSeconds: figure('backlogAgeSeconds'),
  })
  return {
    level: headline.level,
    sentence: say(headline.sentence, language),
    advice: say(headline.advice, language, gapsOf(model, headline, language)),
  }
}

function gapsOf(model: Model, headline: Headline, language: Language) {
  return {
    at: clockOf(model.newestAtMs, language),
    share: formatFigure(headline.share ?? null, 'ratio', language),
    age: formatFigure(figureOf(model, 'backlogAgeSeconds'), 'seconds', language),
    waiting: formatFigure(figureOf(model, 'waitingPeople'), 'count', language),
    served: formatFigure(figureOf(model, 'servedPerSecond'), 'perSecond', language),
    what: (model.edge?.health.degraded ?? []).join(' '),
  }
}

function rehearsalSentence(state: NonNullable<Model['rehearsal']>, language: Language) {
  const { arm, phase, clock, elapsedMs, totalMs, verdict, folder } = state
  if (verdict !== null) {
    return {
      level: verdict === 'PASS' ? 'calm' : 'act',
      sentence: say('rehearsed', language, { verdict }),
      advice: say('rehearsedAdvice', language, { folder: folder ?? '' }),
    } as const
  }
  const time = (ms: number): string => formatFigure(Math.floor(ms / 1_000), 'seconds', language)
  return {
    level: 'unknown',
    sentence: say('rehearsing', language, {
      arm: say(arm === 'direct' ? 'direct' : 'edge', language),
      clock,
    }),
    advice: say('rehearsingAdvice', language, {
      phase,
      elapsed: time(elapsedMs),
      total: time(totalMs),
    }),
  } as const
}

function clockOf(atMs: number, language: Language): string {
  if (atMs === 0) return ''
  return new Date(atMs).toLocaleTimeString(language)
}
