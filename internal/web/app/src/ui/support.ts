// The support page over whatever she is doing, without leaving it: what she made is in
// this page's memory and stays there. The text is the static page's own, fetched once and
// kept, so that it can be read again without a line. It is parsed as a document that
// runs nothing, and only its nodes are taken over.

import { button, el } from "./el.ts";
import { leave } from "./exit.ts";
import { t } from "./texts.ts";

let text: Node | undefined;

export function watchSupport(): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-support]') : null;
    if (!link) return;
    event.preventDefault();
    void open(link.href);
  }, { capture: true });
}

async function open(href: string): Promise<void> {
  const close = button(t("support.close"), () => {
    box.close();
  }, "main");
  const place = el("div", {});
  const box = el("dialog", { class: "support", "aria-label": t("nav.help"), onclose: () => {
    box.remove();
  } }, el("div", { class: "top" }, button(t("exit"), leave, "exit"), close), place);
  document.body.append(box);
  box.showModal();
  place.replaceChildren(await content(href));
}

async function content(href: string): Promise<Node> {
  try {
    text ??= await fetchText(href);
    return text.cloneNode(true);
  } catch {
    return el("p", { role: "alert" }, t("support.line"));
  }
}

function fetchText(href: string): Promise<Node> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.onload = () => {
      const article = request.responseXML?.querySelector("article");
      if (article) resolve(document.importNode(article, true));
      else reject(new Error("no support text"));
    };
    request.onerror = () => {
      reject(new Error("no line"));
    };
    request.open("GET", href);
    request.send();
  });
}
