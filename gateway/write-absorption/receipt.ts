import type { WriteStatus } from './durable-queue.ts'
import type { DurabilityLevel } from './durability.ts'

/** The edge's word that it has a write and will apply it. */
export interface Receipt {
  readonly id: string
  readonly key: string
  /** SHA-256 of the body as it arrived, in hex. */
  readonly bodyHash: string
  readonly acceptedAtMs: number
  readonly durability: DurabilityLevel
}

/** A receipt with `v2.<key id>.<Ed25519 signature>` over the UTF-8 of `signedText`. */
export interface SignedReceipt extends Receipt {
  readonly signature: string
}

/**
 * The text a receipt's signature covers. docs/writes.md tells it to whoever wants to verify a
 * receipt without us, so it changes with its version number alone.
 */
export function signedText(receipt: Receipt): string {
  const { id, key, bodyHash, acceptedAtMs, durability } = receipt
  return JSON.stringify(['receipt', 2, id, key, bodyHash, acceptedAtMs, durability])
}

/** Where a receipt is read again. */
export function receiptPath(id: string): string {
  return `/.ecluse/receipts/${id}`
}

/** Where a person reads what of theirs waits. */
export const pendingPath = '/.ecluse/pending'

/** Where the keys are published with which anybody verifies receipts. */
export const receiptKeysPath = '/.ecluse/receipt-keys'

/** The page for a person who has just sent something. */
export function receiptPage(receipt: SignedReceipt): string {
  const facts: Facts = [
    ['Numéro / Number', receipt.id],
    ['Reçu le / Received', instant(receipt.acceptedAtMs)],
    ['Empreinte du contenu / Content hash (SHA-256)', receipt.bodyHash],
    ['Conservé / Stored', levelTexts[receipt.durability]],
    ['Signature (Ed25519)', receipt.signature],
  ]
  return page({
    fr: 'Votre envoi est enregistré.',
    en: 'Your work has been received and stored.',
    moreFr: 'Il sera transmis au portail dès que possible. Vous n’avez pas besoin de le renvoyer.',
    moreEn: 'It will be passed on to the portal as soon as possible; there is no need to resend.',
    facts,
    link: receiptPath(receipt.id),
  })
}

/** Where a write was on disk when its receipt was given. */
const levelTexts: Readonly<Record<DurabilityLevel, string>> = {
  'local-fsync': 'sur le disque du serveur d’accueil / on the disk of the receiving server',
  'queue-fsync': 'sur le disque de la file d’attente / on the disk of the queue',
  declared: 'dans la file d’attente / in the queue',
}

/** The page that says what became of it. */
export function statusPage(
  write: { readonly id: string; readonly acceptedAtMs: number },
  status: WriteStatus,
): string {
  const { fr, en } = statusTexts[status.kind]
  const facts: Facts = [
    ['Numéro / Number', write.id],
    ['Reçu le / Received', instant(write.acceptedAtMs)],
  ]
  return page({ fr, en, moreFr: '', moreEn: '', facts, link: null })
}

/** The page of what waits for a person's portal; `more` when it is not all. */
export function pendingPage(
  writes: readonly { readonly id: string; readonly acceptedAtMs: number }[],
  shown: 'all' | 'more',
): string {
  const isEmpty = writes.length === 0 && shown === 'all'
  return page({
    fr: isEmpty ? 'Aucun de vos envois n’attend.' : 'Vos envois en attente',
    en: isEmpty ? 'Nothing of yours is waiting.' : 'What you sent and the portal has yet to get.',
    moreFr: shown === 'more' ? 'D’autres sont enregistrés et ne sont pas montrés ici.' : '',
    moreEn: shown === 'more' ? 'More is stored than is shown here.' : '',
    facts: writes.map(({ id, acceptedAtMs }) => [
      `Reçu le / Received ${instant(acceptedAtMs)}`,
      `<a href="${receiptPath(id)}">${id}</a>`,
    ]),
    link: null,
  })
}

const statusTexts = {
  pending: {
    fr: 'Votre envoi est enregistré et attend d’être transmis au portail.',
    en: 'Your work is stored and waits to be passed on to the portal.',
  },
  applied: {
    fr: 'Le portail a bien reçu votre envoi.',
    en: 'The portal has received your work.',
  },
  superseded: {
    fr: 'Un envoi plus récent de votre part remplace celui-ci.',
    en: 'A later one of yours stands for this one.',
  },
  'dead-letter': {
    fr: 'Le portail n’a pas confirmé votre envoi. Il est conservé et sera examiné.',
    en: 'The portal has not confirmed your work. It is kept and will be looked at.',
  },
} as const satisfies Record<WriteStatus['kind'], { fr: string; en: string }>

type Facts = readonly (readonly [term: string, value: string])[]

function page(content: {
  readonly fr: string
  readonly en: string
  readonly moreFr: string
  readonly moreEn: string
  readonly facts: Facts
  readonly link: string | null
}): string {
  const { fr, en, moreFr, moreEn, facts, link } = content
  const rows = facts.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join('\n')
  const follow = link === null ? '' : `<p><a href="${link}">Suivre cet envoi / Follow it</a></p>`
  return `<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>${fr}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{color-scheme:light dark;font:1.125rem/1.6 system-ui,sans-serif}
body{max-width:36rem;margin:12vh auto;padding:0 1.25rem}
h1{font-size:1.5rem;line-height:1.3}
dt{font-weight:600}dd{margin:0 0 .75rem;overflow-wrap:anywhere}
</style></head>
<body><main><h1>${fr}</h1>
<p>${moreFr}</p>
<p lang="en">${en} ${moreEn}</p>
<dl>
${rows}
</dl>
${follow}</main></body></html>
`
}

/** As people in France read it, with the zone. */
function instant(atMs: number): string {
  return timeFormat.format(atMs)
}

const timeFormat = new Intl.DateTimeFormat('fr-FR', {
  dateStyle: 'long',
  timeStyle: 'long',
  timeZone: 'Europe/Paris',
})
