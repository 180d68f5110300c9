/** The element of the page with this id; the page is ours, so that it is there. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as querySelector has it.
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  return document.getElementById(id) as E
}

/** An element with attributes and content; texts are texts, never markup. */
export function element<N extends keyof HTMLElementTagNameMap>(
  name: N,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[N] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...content)
  return made
}

/** Changes a text only when it is another one: a screen reader hears what is new. */
export function write(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

/** Changes an attribute only when it is another one. */
export function mark(target: Element, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value)
}
