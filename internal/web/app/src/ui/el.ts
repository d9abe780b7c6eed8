// Building nodes. There is no way here from text to markup: every string becomes a
// text node, whoever wrote it.

export type Child = Node | string | undefined | false;
type Handlers = { [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void };
export type Props = Handlers & { [name: string]: unknown };

// el makes an element. Properties beginning with "on" are listeners; true and false
// set and leave out an attribute; everything else is an attribute's text.
export function el<T extends keyof HTMLElementTagNameMap>(tag: T, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[T] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(FIELDS.includes(tag) ? { ...forgotten, ...props } : props)) put(node, name, value);
  node.append(...children.filter((c): c is Node | string => c !== undefined && c !== false));
  return node;
}

// A browser writes what stands in a field to its disk, to bring it back after a crash,
// and may send it away to have its spelling looked at, unless the field says no.
const FIELDS: readonly string[] = ["input", "textarea", "select"];
const forgotten = { autocomplete: "off", spellcheck: "false", autocorrect: "off" };

function put(node: HTMLElement, name: string, value: unknown): void {
  if (typeof value === "function") node.addEventListener(name.slice(2), value as EventListener);
  else if (value === true) node.setAttribute(name, "");
  else if (typeof value === "string" || typeof value === "number") node.setAttribute(name, String(value));
}

// button is an action on this page; a link leads somewhere.
export function button(label: string, act: () => void, kind = ""): HTMLButtonElement {
  return el("button", { type: "button", class: kind, onclick: act }, label);
}

// theirs isolates what a person wrote, whose direction is its own.
export function theirs(text: string): HTMLElement {
  return el("bdi", { dir: "auto" }, text);
}
