import type { Role } from '../schedule/session.ts'

/** How an address becomes a page of the reference portal, and who asks for such pages. */
export interface PageRule {
  /** Searched in the address, query included. */
  readonly match: RegExp
  /** A page of the portal, or `none` for what is no page view. */
  readonly page: string
  readonly role?: Role | undefined
}

/**
 * Rules for common dialects, the first match wins: the reference portal, K-d'ecole (one path, the
 * query says what), entcore's modules, and words that French portals use. Anything else that is
 * no call of an API is `other`: it counts, under no name of its own.
 */
export const commonRules: readonly PageRule[] = [
  rule(/^\/portal\/(?:home|landing)\b/, 'home'),
  ...[
    'homework-item',
    'homework',
    'timetable',
    'messages',
    'message',
    'marks',
    'absences',
    'news',
    'documents',
    'learning',
    'directory',
  ].map((page) => rule(new RegExp(`^/portal/${page}(?:[/?]|$)`), page)),
  rule(/\/(?:api|auth|cas|saml|oauth2|i18n|assets|public|theme|static|metrics|health)\b/, 'none'),
  rule(/PROC=(?:CDT_SEANCE|TRAVAIL_A_FAIRE.*VIEW)/, 'homework-item'),
  rule(/PROC=TRAVAIL_A_FAIRE|\/(?:homework|homeworks|cahier|cdt|diary)\b/, 'homework'),
  rule(/PROC=MESSAGERIE.*CONSULTER/, 'message'),
  rule(/PROC=MESSAGERIE|\/(?:conversation|zimbra|messagerie|messages?)\b/, 'messages'),
  rule(/PROC=CONSULTER_RELEVE|\/(?:notes|marks|releves?|bulletins?)\b/, 'marks'),
  rule(/PROC=GESTION_ABSENCES|\/(?:absences|presences|viescolaire)\b/, 'absences'),
  rule(/PROC=PORTE_DOCUMENT|PROC=CLASSEUR_PEDA|\/(?:workspace|documents)\b/, 'documents'),
  rule(/PROC=MOODLE|\/(?:moodle|course|mod|parcours|learning)\b/, 'learning'),
  rule(/\/(?:calendar|timetable|edt|emploi)\b/, 'timetable'),
  rule(/\/(?:blog|actualites|news)\b/, 'news'),
  rule(/\/(?:directory|userbook|annuaire)\b/, 'directory'),
  rule(/PROC=PAGE_ACCUEIL|^\/(?:timeline\b.*|accueil\b.*|\?.*)?$/, 'home'),
]

/** The page of an address by the rules; remembers recent answers, at most 20,000. */
export function pageClassifier(rules: readonly PageRule[]): (target: string) => PageClass {
  const known = new Map<string, PageClass>()
  return (target) => {
    const seen = known.get(target)
    if (seen !== undefined) return seen
    const found = rules.find(({ match }) => match.test(target))
    const page: PageClass = { page: found?.page ?? 'other', role: found?.role }
    if (known.size >= 20_000) known.clear()
    known.set(target, page)
    return page
  }
}

export interface PageClass {
  readonly page: string
  readonly role: Role | undefined
}

function rule(match: RegExp, page: string): PageRule {
  return { match, page }
}
