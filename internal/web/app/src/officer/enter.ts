// Coming in as an officer: with words of one's own, which a steward's invitation opens an account for. An account alone is not an
// officer: the stewards name it in an agreement.
import type { Client } from "../core/client.ts";
import { enrol, enrolled } from "../core/enrol.ts";
import { drawKeys, list, type Opening } from "../ui/account.ts";
import { button, el } from "../ui/el.ts";
import { faultText } from "../ui/fault.ts";
import { backward } from "../ui/backward.ts";
import { language } from "../ui/places.ts";
import { t } from "../ui/texts.ts";
import { unlock } from "../ui/unlock.ts";
import { begin, show, type View } from "../ui/view.ts";

/** enterOfficer asks for the words of an officer. then is told of the open account. */
export async function enterOfficer(then: (client: Client) => Promise<void>): Promise<void> {
  await show(await unlock({ role: "partner", fresh: true, then: ({ client }) => entered(client, then) }));
}

async function entered(client: Client, then: (client: Client) => Promise<void>): Promise<void> {
  if ((await enrolled(client)) !== "") return then(client);
  await begin({ title: t("team.officer"), make: () => [invitation(client, then)] });
}

function invitation(client: Client, then: (client: Client) => Promise<void>): HTMLElement {
  const code = el("input", { id: "invitation", dir: "ltr", autocomplete: "off", spellcheck: "false", required: true, maxlength: "200" });
  const place = el("div");
  const send = el("button", { type: "submit", class: "main" }, t("team.officer.open"));
  const form = el("form", {}, el("p", {}, t("team.officer.first")), el("label", { for: "invitation" }, t("team.officer.invitation")), code, place, el("div", { class: "actions" }, send));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send.disabled = true;
    enrol(client, "partner", code.value.trim()).then(() => then(client)).catch((error: unknown) => {
      send.disabled = false;
      place.replaceChildren(el("p", { class: "fault", role: "alert" }, faultText(error)));
    });
  });
  return form;
}

/** newOfficer makes words for somebody who will be an officer. */
export function newOfficer(enter: () => void): View {
  const place = el("div");
  const make = button(t("team.new.make"), () => void made(enter).catch((error: unknown) => {
    place.replaceChildren(el("p", { class: "fault", role: "alert" }, faultText(error)));
  }), "main");
  return { title: t("team.officer.new"), make: () => [el("p", {}, t("team.officer.words")), place, el("div", { class: "actions" }, make), ...backward()] };
}

async function made(enter: () => void): Promise<void> {
  const opening = await drawKeys();
  try {
    const words = await opening.keys.words(await list(language() === "fr" ? "fr" : "en"));
    await begin({ title: t("team.officer.new"), make: () => shown(words, opening, enter), leave: () => { words.fill(""); } });
  } finally {
    opening.end(); // what is shown is on paper soon, and nothing here needs the keys
  }
}

function shown(words: string[], opening: Opening, enter: () => void): Node[] {
  return [
    el("p", {}, t("team.new.keep")),
    el("ol", { class: "grid", dir: "ltr", lang: language() === "fr" ? "fr" : "en" }, ...words.map((word) => el("li", {}, word))),
    el("p", {}, t("team.officer.account")),
    el("p", {}, el("code", { dir: "ltr", class: "fingerprint" }, (opening.keys.thumbprint.match(/.{1,4}/g) ?? []).join(" "))),
    el("div", { class: "actions" }, button(t("team.officer"), enter)),
  ];
}
