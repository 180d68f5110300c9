import { byId, element, mark, write } from './elements-client.ts'
import type { EdgeState, Model } from './model.ts'
import { type Language, say, type Word, words } from './words.ts'

/** One thing an operator may do: the button, the question, the request. */
interface Order {
  readonly label: Word
  readonly question: string
  readonly path: string
  readonly body: object | null
}

/** Shows the controls of an edge to whoever may act; rebuilt when what is in force changes. */
export function buildControls(model: Model, language: Language, token: () => string | null) {
  let shownFor = ''
  const confirm = confirmation()
  const give = async (order: Order): Promise<void> => {
    if (!(await confirm(order.question, say(order.label, language)))) return
    const { level, text } = await send(order, token(), language)
    mark(byId('result'), 'data-level', level)
    write(byId('result'), text)
  }
  return (): void => {
    const { edge, you } = model
    byId('act').hidden = model.kind !== 'edge'
    byId('sign-in').hidden = you.may === 'act'
    const isShown = edge !== null && you.may === 'act'
    const now = isShown ? `${language} ${JSON.stringify(edge)}` : ''
    // Rebuilding takes the focus away: only when something really is different.
    if (now === shownFor) return
    shownFor = now
    const focused = document.activeElement?.id
    byId('controls').replaceChildren(...(isShown ? cards(edge, language, give) : []))
    if (focused) document.getElementById(focused)?.focus()
  }
}

type Give = (order: Order) => Promise<void>

function cards(edge: EdgeState, language: Language, give: Give): readonly Node[] {
  const control = (body: object) => ({
    path: '/controls',
    body: { expectVersion: edge.version, control: body },
  })
  return [
    doorCard(edge, language, give),
    card(
      say('stages', language),
      Object.entries(edge.stages).map(([stage, state]) => {
        const isOn = state === 'enforce'
        const name = say(stage as Word, language)
        return {
          id: `stage-${stage}`,
          name,
          mark: isOn ? '' : say('isOff', language),
          order: {
            label: isOn ? 'switchOff' : 'switchOn',
            question: say(isOn ? 'askStageOff' : 'askStageOn', language, { name }),
            ...control({ kind: 'stage', stage, state: isOn ? 'off' : 'enforce' }),
          },
        } as const
      }),
      { language, give },
    ),
    card(
      say('classes', language),
      edge.classes.map(
        ({ name, isClosed }) =>
          ({
            id: `class-${name}`,
            name,
            mark: isClosed ? say('isClosed', language) : '',
            order: {
              label: isClosed ? 'open' : 'close',
              question: say(isClosed ? 'askOpen' : 'askClose', language, { name }),
              ...control({ kind: 'class', name, state: isClosed ? 'open' : 'closed' }),
            },
          }) as const,
      ),
      { language, give },
    ),
  ]
}

interface Row {
  readonly id: string
  readonly name: string
  /** `off` or `closed`, or nothing. */
  readonly mark: string
  readonly order: Order
}

function card(
  title: string,
  rows: readonly Row[],
  { language, give }: { readonly language: Language; readonly give: Give },
): HTMLElement {
  const items = rows.map(({ id, name, mark: state, order }) => {
    const label = element('span', {}, name, ' ', element('span', { class: 'off' }, state))
    return element('li', {}, label, button(id, order, { language, give, about: name }))
  })
  return element(
    'div',
    { class: 'card' },
    element('h3', {}, title),
    element('ul', { tabindex: '0', 'aria-label': title }, ...items),
  )
}

function button(
  id: string,
  order: Order,
  { language, give, about = '' }: { language: Language; give: Give; about?: string },
): HTMLButtonElement {
  const word = words[order.label][language]
  const made = element('button', { type: 'button', id }, word)
  if (about !== '') made.setAttribute('aria-label', `${word} : ${about}`)
  made.addEventListener('click', () => void give(order))
  return made
}

function doorCard(edge: EdgeState, language: Language, give: Give): HTMLElement {
  const control = (body: object) => ({ expectVersion: edge.version, control: body })
  const input = element('input', {
    type: 'number',
    id: 'max-inside',
    min: '1',
    max: '10000000',
    value: String(edge.waitingRoom.maxInside),
  })
  const apply = element('button', { type: 'button', id: 'door' }, say('apply', language))
  apply.addEventListener('click', () => {
    if (!input.reportValidity()) return
    const maxInside = Number(input.value)
    const question = say('askDoor', language, { count: maxInside.toLocaleString(language) })
    const body = control({ kind: 'waiting-room', maxInside })
    void give({ label: 'apply', question, path: '/controls', body })
  })
  const isOn = edge.isBypassed
  const bypass: Order = {
    label: isOn ? 'bypassOff' : 'bypassOn',
    question: say(isOn ? 'askBypassOff' : 'askBypassOn', language),
    path: '/controls',
    body: control({ kind: 'bypass', state: isOn ? 'off' : 'on' }),
  }
  const revert: Order = {
    label: 'revert',
    question: say('askRevert', language),
    path: '/policy/revert',
    body: null,
  }
  const label = element('label', {}, element('span', {}, say('maxInside', language)), input)
  return element(
    'div',
    { class: 'card' },
    element('h3', {}, say('door', language)),
    element('div', { class: 'row' }, label, apply),
    element(
      'div',
      { class: 'row' },
      button('bypass', bypass, { language, give }),
      ...(edge.mayRevert ? [button('revert', revert, { language, give })] : []),
    ),
    purgeRow(language, give),
  )
}

/** The school's name as the portal says it; nothing is guessed from what is stored. */
function purgeRow(language: Language, give: Give): HTMLElement {
  const input = element('input', { id: 'school', maxlength: '256', required: '' })
  const purge = element('button', { type: 'button', id: 'purge' }, say('purge', language))
  purge.addEventListener('click', () => {
    if (!input.reportValidity()) return
    const question = say('askPurge', language, { name: input.value })
    void give({ label: 'purge', question, path: '/purge', body: { schools: [input.value] } })
  })
  const label = element('label', {}, element('span', {}, say('purgeSchool', language)), input)
  return element('div', { class: 'row' }, label, purge)
}

/** Asks in a dialog; the answer is no unless somebody says yes. */
function confirmation(): (question: string, yes: string) => Promise<boolean> {
  const dialog = byId<HTMLDialogElement>('confirm')
  return (question, yes) => {
    write(byId('confirm-text'), question)
    write(byId('confirm-yes'), yes)
    dialog.returnValue = 'no'
    dialog.showModal()
    byId('confirm-no').focus()
    return new Promise((resolve) => {
      dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
    })
  }
}

async function send(
  { path, body }: Order,
  token: string | null,
  language: Language,
): Promise<{ level: 'calm' | 'act'; text: string }> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5_000),
    })
    const answer = (await response.json()) as Said
    if (response.ok) {
      if (answer.notReached !== undefined) return purged(answer.notReached, language)
      return { level: 'calm', text: say('done', language, { version: String(answer.version) }) }
    }
    if (response.status === 409 && body !== null) {
      return { level: 'act', text: say('moved', language) }
    }
    return { level: 'act', text: say('refused', language, { error: answer.error ?? '' }) }
  } catch {
    // Cut or too late: whether it was done is seen in what is in force, not here.
    return { level: 'act', text: say('unreached', language) }
  }
}

/** What the operations port says of what was asked: a version, who was not reached, an error. */
interface Said {
  readonly version?: number
  readonly notReached?: readonly string[]
  readonly error?: string
}

function purged(notReached: readonly string[], language: Language) {
  if (notReached.length === 0) return { level: 'calm', text: say('purged', language) } as const
  const names = notReached.join(', ')
  return { level: 'act', text: say('purgedExcept', language, { names }) } as const
}
