/** What the page tells somebody who waits. Numbers only: nothing that came from the client. */
export interface WaitingFacts {
  readonly ahead: number
  readonly estimateSeconds: number
  /** The page asks again by itself after this long. */
  readonly pollSeconds: number
}

/**
 * The page of the waiting room: French, then English; no script, no other file, under 4 kB. It
 * refreshes itself, and says so; leaving or reloading does not cost the place.
 */
export function waitingPage({ ahead, estimateSeconds, pollSeconds }: WaitingFacts): string {
  const minutes = Math.ceil(estimateSeconds / 60)
  return `<!doctype html>
<html lang="fr"><head><meta charset="utf-8">
<title>Votre place est gardée (${count(ahead, 'fr')} devant vous)</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="${pollSeconds}">
<style>
:root{color-scheme:light dark;font:1.125rem/1.6 system-ui,sans-serif}
body{max-width:36rem;margin:10vh auto;padding:0 1.25rem}
h1{font-size:1.5rem;line-height:1.3}
dl{display:grid;grid-template-columns:1fr auto;gap:.25rem 1rem;border-block:1px solid;padding:1rem 0}
dd{margin:0;font-weight:700;text-align:right}
section{margin-top:2.5rem;font-size:1rem}
</style></head>
<body><main>
<h1>Beaucoup de monde arrive en même temps. Votre place est gardée.</h1>
<div role="status" aria-live="polite">
<dl>
<dt>Personnes devant vous</dt><dd>${count(ahead, 'fr')}</dd>
<dt>Attente estimée</dt><dd>${minutes <= 1 ? 'moins d’une minute' : `${count(minutes, 'fr')} minutes`}</dd>
</dl>
</div>
<p>Cette page se met à jour toute seule dans ${pollSeconds} secondes, et vous entrerez à votre tour.
La recharger plus souvent n’aide pas, et ne fait rien perdre.
Vous pouvez la laisser ouverte ; une absence de moins de cinq minutes ne coûte pas la place.</p>
<p><a href="">Mettre à jour maintenant</a></p>
<section lang="en" aria-labelledby="en">
<h2 id="en">Many people are arriving at once. Your place is kept.</h2>
<p>People ahead of you: <strong>${count(ahead, 'en')}</strong>.
Estimated wait: <strong>${minutes <= 1 ? 'less than a minute' : `${count(minutes, 'en')} minutes`}</strong>.
This page updates by itself and lets you in at your turn. Reloading neither helps nor costs anything.</p>
</section>
</main></body></html>
`
}

function count(value: number, language: 'fr' | 'en'): string {
  return Math.max(0, Math.floor(value)).toLocaleString(language)
}
