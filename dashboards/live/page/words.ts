export type Language = 'fr' | 'en'

/** Every text of the page. `{name}` is filled in. */
export const words = {
  skip: { fr: 'Aller au contenu', en: 'Skip to content' },
  kindEdge: { fr: 'en direct', en: 'live' },
  kindRehearsal: { fr: 'répétition', en: 'rehearsal' },
  language: { fr: 'English', en: 'Français' },
  themeDark: { fr: 'Thème sombre', en: 'Dark theme' },
  themeLight: { fr: 'Thème clair', en: 'Light theme' },
  tiles: { fr: 'Les chiffres clés', en: 'Key figures' },
  hurts: { fr: 'Où passe le temps', en: 'Where the time goes' },
  hurtsHelp: {
    fr: '95 % des demandes de la dernière seconde ont pris au plus ce temps à chaque étape.',
    en: '95 % of the last second’s requests took at most this long at each step.',
  },
  charts: { fr: 'La dernière heure', en: 'The last hour' },
  chartsRehearsal: { fr: 'Les deux passages', en: 'Both passages' },
  window5: { fr: '5 min', en: '5 min' },
  window15: { fr: '15 min', en: '15 min' },
  window60: { fr: '1 h', en: '1 h' },
  numbers: { fr: 'Tous les chiffres', en: 'All figures' },
  numbersCaption: {
    fr: 'Valeurs de la dernière seconde ; un tiret : non mesuré.',
    en: 'Values of the last second; a dash: not measured.',
  },
  figure: { fr: 'Chiffre', en: 'Figure' },
  act: { fr: 'Agir', en: 'Act' },
  trail: { fr: 'Ce qui a été fait', en: 'What was done' },
  signInHelp: {
    fr: 'Pour agir, donnez votre jeton personnel. Chaque action est notée à votre nom.',
    en: 'To act, give your personal token. Every action is written down under your name.',
  },
  token: { fr: 'Jeton', en: 'Token' },
  signIn: { fr: 'Entrer', en: 'Sign in' },
  signInRefused: {
    fr: 'Ce jeton n’est pas reconnu, ou ne permet pas d’agir.',
    en: 'This token is not known, or may not act.',
  },
  confirm: { fr: 'Confirmer', en: 'Confirm' },
  confirmNote: {
    fr: 'L’action sera notée avec votre nom et l’heure.',
    en: 'The action will be written down with your name and the time.',
  },
  cancel: { fr: 'Annuler', en: 'Cancel' },
  footer: {
    fr: 'Une ligne par seconde, gardée une heure en mémoire. Aucune donnée personnelle, aucun service extérieur.',
    en: 'One row a second, kept for an hour in memory. No personal data, no outside service.',
  },
  direct: { fr: 'Portail seul', en: 'Portal alone' },
  edge: { fr: 'Avec Écluse', en: 'With Écluse' },
  perSecond: { fr: '/s', en: '/s' },
  // Tiles
  tileInside: { fr: 'Dans le portail', en: 'In the portal' },
  tileInsideMore: {
    fr: '{served} réponses/s, dont {stored} gardées',
    en: '{served} answers/s, {stored} of them stored',
  },
  tileWaiting: { fr: 'En salle d’attente', en: 'In the waiting room' },
  tileWaitingMore: { fr: 'leur place est gardée', en: 'their place is kept' },
  tileTurnedAway: { fr: 'Refus', en: 'Turned away' },
  tileTurnedAwayMore: {
    fr: '{share} des demandes ; échecs {failed}/s',
    en: '{share} of requests; failures {failed}/s',
  },
  tileBacklog: { fr: 'Envois à appliquer', en: 'Writes to apply' },
  tileBacklogMore: { fr: 'le plus ancien : {age} ; tous gardés', en: 'oldest: {age}; all kept' },
  tilePortal: { fr: 'Le portail répond en', en: 'The portal answers in' },
  tilePortalMore: {
    fr: '{inFlight} demandes sur {slots} places',
    en: '{inFlight} requests in {slots} slots',
  },
  tileServed: { fr: 'Pages servies à temps', en: 'Pages served in time' },
  tileServedMore: {
    fr: 'demandées : {direct} seul, {edge} avec',
    en: 'asked for: {direct} alone, {edge} with',
  },
  tileP95: { fr: 'Temps de réponse', en: 'Response time' },
  tileP95More: { fr: 'pour 95 % des pages', en: 'for 95 % of pages' },
  tileAttempts: { fr: 'Pages appelées', en: 'Pages called' },
  tileAttemptsMore: {
    fr: 'par seconde, rechargements compris',
    en: 'a second, reloads included',
  },
  tileRefused: { fr: 'Priées d’attendre', en: 'Asked to wait' },
  tileRefusedMore: { fr: 'pages par seconde, réponse franche', en: 'pages a second, told frankly' },
  tilePeople: { fr: 'Personnes présentes', en: 'People present' },
  tilePeopleMore: { fr: 'en attente d’entrer : {waiting}', en: 'waiting to enter: {waiting}' },
  // Where the time goes
  hurtQueue: { fr: 'La file de l’écluse', en: 'The edge’s line' },
  hurtEdge: { fr: 'L’écluse', en: 'The edge' },
  hurtRedis: { fr: 'Redis', en: 'Redis' },
  hurtPortal: { fr: 'Le portail', en: 'The portal' },
  hurtIdentity: { fr: 'La connexion (identité)', en: 'Login (identity)' },
  probeBoth: {
    fr: 'Essai toutes les 5 s : à travers l’écluse {through}, en direct vers le portail {around}.',
    en: 'A try every 5 s: through the edge {through}, straight to the portal {around}.',
  },
  good: { fr: 'réussi', en: 'good' },
  bad: { fr: 'échoué', en: 'failed' },
  // Charts
  chartAnswers: { fr: 'Réponses par seconde', en: 'Answers per second' },
  chartTimes: { fr: 'Temps de réponse', en: 'Response time' },
  chartPeople: { fr: 'Personnes', en: 'People' },
  chartBacklog: { fr: 'Envois à appliquer', en: 'Writes to apply' },
  chartPages: { fr: 'Pages à temps par seconde', en: 'Pages in time per second' },
  chartAttempts: {
    fr: 'Pages appelées par seconde, rechargements compris',
    en: 'Pages called per second, reloads included',
  },
  keyServed: { fr: 'servies', en: 'served' },
  keyAsked: { fr: 'demandées', en: 'asked for' },
  keyWait: { fr: 'attente', en: 'wait' },
  keyTurnedAway: { fr: 'refus', en: 'turned away' },
  keyFailed: { fr: 'échecs', en: 'failures' },
  keyPages: { fr: 'au visiteur', en: 'to the visitor' },
  keyPortal: { fr: 'du portail', en: 'of the portal' },
  keyInside: { fr: 'présentes', en: 'inside' },
  keyWaiting: { fr: 'en attente', en: 'waiting' },
  keyWrites: { fr: 'envois', en: 'writes' },
  // Headlines
  lost: { fr: 'Connexion perdue', en: 'Connection lost' },
  lostAdvice: {
    fr: 'Derniers chiffres à {at}. Nouvel essai tout seul ; l’écluse, elle, continue.',
    en: 'Last figures at {at}. Trying again by itself; the edge itself goes on.',
  },
  opening: { fr: 'On se connecte…', en: 'Connecting…' },
  openingAdvice: {
    fr: 'Les premiers chiffres arrivent dans la seconde.',
    en: 'The first figures come within a second.',
  },
  signInNeeded: { fr: 'Réservé aux opérateurs', en: 'For operators' },
  signInNeededAdvice: {
    fr: 'Donnez votre jeton personnel au bas de la page.',
    en: 'Give your personal token at the foot of the page.',
  },
  bypassed: { fr: 'Écluse est contournée', en: 'Écluse is bypassed' },
  bypassedAdvice: {
    fr: 'Toutes les demandes vont droit au portail, sans aucune protection.',
    en: 'Every request goes straight to the portal, without any protection.',
  },
  draining: { fr: 'Ce serveur s’arrête', en: 'This server is stopping' },
  drainingAdvice: {
    fr: 'Il termine ce qui est en cours ; un autre prend la suite.',
    en: 'It ends what is under way; another one takes over.',
  },
  portalDown: { fr: 'Le portail ne répond plus', en: 'The portal does not answer' },
  portalDownAdvice: {
    fr: 'L’essai qui contourne l’écluse échoue aussi : la cause est au portail. Les pages gardées sont encore servies.',
    en: 'The try around the edge fails too: the cause is at the portal. Stored pages are still given.',
  },
  itIsUs: { fr: 'Le problème est chez nous', en: 'The trouble is ours' },
  itIsUsAdvice: {
    fr: 'Le portail répond en direct, mais pas à travers l’écluse. Le contournement est en bas de page.',
    en: 'The portal answers directly, but not through the edge. The bypass is at the foot of the page.',
  },
  portalFailing: { fr: 'Le portail échoue souvent', en: 'The portal often fails' },
  portalFailingAdvice: {
    fr: '{share} des demandes échouent après être arrivées au portail.',
    en: '{share} of requests fail after they reached the portal.',
  },
  turningAway: { fr: 'On refuse du monde', en: 'People are turned away' },
  turningAwayAdvice: {
    fr: '{share} des demandes sont refusées, franchement et sans attendre. Fermer une rubrique secondaire peut soulager.',
    en: '{share} of requests are turned away, frankly and at once. Closing a minor class may help.',
  },
  backlogOld: { fr: 'Des envois tardent', en: 'Writes are late' },
  backlogOldAdvice: {
    fr: 'Le plus ancien attend depuis {age}. Rien n’est perdu : regardez les workers et le portail.',
    en: 'The oldest has waited for {age}. Nothing is lost: look at the workers and the portal.',
  },
  degraded: {
    fr: 'Une pièce manque, le service continue',
    en: 'A part is missing, service goes on',
  },
  degradedAdvice: { fr: '{what}', en: '{what}' },
  peopleWait: { fr: 'On fait entrer les gens un par un', en: 'People enter one after the other' },
  peopleWaitAdvice: {
    fr: '{waiting} personnes attendent, leur place gardée. Ceux qui sont entrés travaillent normalement.',
    en: '{waiting} people wait, their places kept. Those inside work as usual.',
  },
  allWell: { fr: 'Tout va bien', en: 'All is well' },
  allWellAdvice: {
    fr: '{served} réponses par seconde, aucune attente.',
    en: '{served} answers per second, nobody waits.',
  },
  rehearsing: { fr: 'Répétition : {arm}, {clock}', en: 'Rehearsal: {arm}, {clock}' },
  rehearsingAdvice: {
    fr: 'Phase « {phase} », {elapsed} sur {total}. Les deux passages se comparent à la même seconde.',
    en: 'Phase “{phase}”, {elapsed} of {total}. Both passes compare at the same second.',
  },
  rehearsed: { fr: 'Répétition terminée : {verdict}', en: 'Rehearsal over: {verdict}' },
  rehearsedAdvice: { fr: 'Le rapport est dans {folder}.', en: 'The report is in {folder}.' },
  // Controls
  stages: { fr: 'Protections', en: 'Protections' },
  'waiting-room': { fr: 'Salle d’attente', en: 'Waiting room' },
  cache: { fr: 'Réponses gardées', en: 'Stored answers' },
  coalescing: { fr: 'Demandes regroupées', en: 'Coalesced requests' },
  'rate-limit': { fr: 'Quotas', en: 'Quotas' },
  'write-absorption': { fr: 'Envois différés', en: 'Absorbed writes' },
  admission: { fr: 'Passage réglé vers le portail', en: 'The gate to the portal' },
  classes: { fr: 'Rubriques', en: 'Classes' },
  door: { fr: 'Porte et secours', en: 'Door and emergency' },
  isOff: { fr: 'à l’arrêt', en: 'off' },
  isClosed: { fr: 'fermée', en: 'closed' },
  switchOff: { fr: 'Arrêter', en: 'Switch off' },
  switchOn: { fr: 'Remettre', en: 'Switch on' },
  close: { fr: 'Fermer', en: 'Close' },
  open: { fr: 'Rouvrir', en: 'Open' },
  maxInside: { fr: 'Sessions dans le portail, au plus', en: 'Sessions in the portal, at most' },
  apply: { fr: 'Appliquer', en: 'Apply' },
  bypassOn: { fr: 'Contourner Écluse', en: 'Bypass Écluse' },
  bypassOff: { fr: 'Finir le contournement', en: 'End the bypass' },
  purge: { fr: 'Vider', en: 'Purge' },
  purgeSchool: { fr: 'Réponses gardées d’un établissement', en: 'Stored answers of one school' },
  askPurge: {
    fr: 'Vider les réponses gardées pour « {name} » ? Le portail les redonnera une fois.',
    en: 'Purge the stored answers of “{name}”? The portal will give each once more.',
  },
  purged: { fr: 'C’est vidé.', en: 'Purged.' },
  purgedExcept: { fr: 'Vidé, sauf sur : {names}.', en: 'Purged, except at: {names}.' },
  revert: { fr: 'Revenir au réglage précédent', en: 'Back to the setting before' },
  askStageOff: {
    fr: 'Arrêter « {name} » tout de suite, pour tout le monde ?',
    en: 'Switch “{name}” off at once, for everybody?',
  },
  askStageOn: { fr: 'Remettre « {name} » en service ?', en: 'Switch “{name}” on again?' },
  askClose: {
    fr: 'Fermer « {name} » ? Les gens verront une page qui le dit ; le reste continue.',
    en: 'Close “{name}”? People will see a page that says so; the rest goes on.',
  },
  askOpen: { fr: 'Rouvrir « {name} » ?', en: 'Open “{name}” again?' },
  askDoor: {
    fr: 'Laisser {count} sessions au plus dans le portail ? Ceux qui y sont y restent.',
    en: 'Let at most {count} sessions be in the portal? Those inside stay.',
  },
  askBypassOn: {
    fr: 'Contourner Écluse : toutes les demandes iront droit au portail, sans aucune protection. Continuer ?',
    en: 'Bypass Écluse: every request will go straight to the portal, without any protection. Go on?',
  },
  askBypassOff: {
    fr: 'Finir le contournement et remettre les protections ?',
    en: 'End the bypass and put the protections back?',
  },
  askRevert: {
    fr: 'Remettre en force le réglage d’avant ?',
    en: 'Put the setting before back in force?',
  },
  done: { fr: 'C’est fait (réglage {version}).', en: 'Done (setting {version}).' },
  moved: {
    fr: 'Quelqu’un a changé le réglage entre-temps ; rien n’a été fait. Regardez, puis recommencez.',
    en: 'Somebody changed the setting meanwhile; nothing was done. Look, then try again.',
  },
  refused: { fr: 'Refusé : {error}', en: 'Refused: {error}' },
  unreached: {
    fr: 'Écluse n’a pas répondu ; rien ne dit que c’est fait.',
    en: 'Écluse did not answer; nothing says it was done.',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>

export type Word = keyof typeof words

/** A text in a language, its gaps filled. */
export function say(
  word: Word,
  language: Language,
  gaps: Readonly<Record<string, string>> = {},
): string {
  return words[word][language].replaceAll(/\{(\w+)\}/g, (_, name: string) => gaps[name] ?? '—')
}
