/**
 * How a request can end without the answer it asked for. Each reason is written once, here: it is
 * the log field, the metric label, the `type` of the problem document and the test expectation.
 *
 * `kind` follows the vocabulary: malformed input is *rejected*, a client over its quota is
 * *refused*, load is *shed*, a new session may be asked to *wait*, and the world may have *failed*.
 */
export const reasons = {
  'target-malformed': {
    kind: 'rejected',
    status: 400,
    fr: 'L’adresse demandée est mal formée.',
    en: 'The address asked for is malformed.',
  },
  'body-too-large': {
    kind: 'rejected',
    status: 413,
    fr: 'Le contenu envoyé dépasse la taille permise.',
    en: 'The content sent is larger than allowed.',
  },
  'idempotency-key-malformed': {
    kind: 'rejected',
    status: 400,
    fr: 'La clé d’idempotence est absente ou mal formée.',
    en: 'The idempotency key is missing or malformed.',
  },
  'idempotency-key-reused': {
    kind: 'rejected',
    status: 422,
    fr: 'Cette clé d’idempotence a déjà servi pour un autre contenu.',
    en: 'This idempotency key was used for other content.',
  },
  'write-in-progress': {
    kind: 'rejected',
    status: 409,
    fr: 'Cet envoi est déjà en cours de traitement.',
    en: 'This write is already being handled.',
  },
  'receipt-unknown': {
    kind: 'rejected',
    status: 404,
    fr: 'Aucun accusé de réception ne porte ce numéro pour ce compte.',
    en: 'No receipt has this number for this account.',
  },
  'only-if-cached': {
    kind: 'rejected',
    status: 504,
    fr: 'Aucune copie gardée ne répond à cette demande.',
    en: 'No stored answer fits a request that asked for one only.',
  },
  'class-closed': {
    kind: 'shed',
    status: 503,
    fr: 'Ce service est fermé pour le moment par les responsables du portail.',
    en: 'This service is closed for now by those who run the portal.',
  },
  'quota-account': {
    kind: 'refused',
    status: 429,
    fr: 'Trop de demandes pour ce compte en peu de temps.',
    en: 'Too many requests for this account in a short time.',
  },
  'quota-address': {
    kind: 'refused',
    status: 429,
    fr: 'Trop de demandes depuis cette connexion en peu de temps.',
    en: 'Too many requests from this connection in a short time.',
  },
  'quota-school': {
    kind: 'refused',
    status: 429,
    fr: 'Trop de demandes depuis votre établissement en peu de temps.',
    en: 'Too many requests from your school in a short time.',
  },
  'quota-login': {
    kind: 'refused',
    status: 429,
    fr: 'Trop d’essais de connexion pour ce compte en peu de temps.',
    en: 'Too many attempts to log in to this account in a short time.',
  },
  'quota-machine': {
    kind: 'refused',
    status: 429,
    fr: 'Trop de demandes de ce service partenaire en peu de temps.',
    en: 'Too many requests from this partner service in a short time.',
  },
  'waiting-room': {
    kind: 'waiting',
    status: 503,
    fr: 'Beaucoup de monde arrive en même temps. Votre place est gardée.',
    en: 'Many people are arriving at once. Your place is kept.',
  },
  'gate-full': {
    kind: 'shed',
    status: 503,
    fr: 'Le portail est très demandé en ce moment.',
    en: 'The portal is very busy right now.',
  },
  'deadline-passed': {
    kind: 'shed',
    status: 503,
    fr: 'Le portail n’a pas pu répondre à temps.',
    en: 'The portal could not answer in time.',
  },
  'backlog-too-old': {
    kind: 'shed',
    status: 503,
    fr: 'Les envois en attente sont trop nombreux pour en accepter d’autres.',
    en: 'Too many writes are waiting for more to be accepted.',
  },
  'queue-unavailable': {
    kind: 'shed',
    status: 503,
    fr: 'L’envoi n’a pas pu être enregistré de façon sûre.',
    en: 'The write could not be stored safely.',
  },
  draining: {
    kind: 'shed',
    status: 503,
    fr: 'Ce serveur s’arrête ; un autre prend la suite.',
    en: 'This server is stopping; another one takes over.',
  },
  'origin-down': {
    kind: 'failed',
    status: 502,
    fr: 'Le portail ne répond plus. Son retour est guetté à chaque instant.',
    en: 'The portal no longer answers. We are watching for its return.',
  },
  'origin-unreachable': {
    kind: 'failed',
    status: 502,
    fr: 'Le portail ne répond pas.',
    en: 'The portal does not answer.',
  },
  'origin-invalid': {
    kind: 'failed',
    status: 502,
    fr: 'La réponse du portail est incompréhensible.',
    en: 'The portal’s answer makes no sense.',
  },
  'origin-timeout': {
    kind: 'failed',
    status: 504,
    fr: 'Le portail n’a pas répondu à temps.',
    en: 'The portal did not answer in time.',
  },
  'edge-failure': {
    kind: 'failed',
    status: 500,
    fr: 'Une erreur s’est produite chez nous.',
    en: 'Something went wrong on our side.',
  },
} as const satisfies Record<string, ReasonFacts>

interface ReasonFacts {
  readonly kind: 'rejected' | 'refused' | 'shed' | 'waiting' | 'failed'
  readonly status: number
  readonly fr: string
  readonly en: string
}

export type Reason = keyof typeof reasons

/** Where an answer that was given came from. */
export type ServedFrom = 'fresh' | 'stale' | 'coalesced' | 'revalidated' | 'origin' | 'edge'

/** The one way in which a request ended. */
export type Outcome =
  | { readonly kind: 'served'; readonly from: ServedFrom }
  | { readonly kind: 'absorbed' }
  | { readonly kind: 'turned-away'; readonly reason: Reason }
  | { readonly kind: 'abandoned' }

/** The outcome in one word, as logs and metrics carry it. */
export function outcomeLabel(outcome: Outcome): ServedFrom | Reason | 'absorbed' | 'abandoned' {
  switch (outcome.kind) {
    case 'served':
      return outcome.from
    case 'turned-away':
      return outcome.reason
    case 'absorbed':
    case 'abandoned':
      return outcome.kind
  }
}

/** What an ending means to whoever watches: one word for many reasons. */
export type OutcomeGroup = 'served' | 'turnedAway' | 'waiting' | 'failed' | 'abandoned'

/** The group of an outcome's label. */
export function outcomeGroup(label: string): OutcomeGroup {
  if (label === ('abandoned' satisfies Outcome['kind'])) return 'abandoned'
  if (!Object.hasOwn(reasons, label)) return 'served'
  const { kind } = reasons[label as Reason]
  return kind === 'waiting' || kind === 'failed' ? kind : 'turnedAway'
}
