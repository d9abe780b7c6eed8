// The page of stewards and of partners' officers. Their words make keys that sign; a steward's open nothing.

import "./app.ts";
import { render, type ComponentChild } from "preact";
import type { Client } from "./core/client.ts";
import { enrol, enrolled } from "./core/enrol.ts";
import { roster } from "./core/stewards.ts";
import { Console } from "./steward/console.tsx";
import { newSteward } from "./steward/fresh.ts";
import { Officer } from "./officer/console.tsx";
import { enterOfficer, newOfficer } from "./officer/enter.ts";
import { button, el } from "./ui/el.ts";
import { watchExit } from "./ui/exit.ts";
import { lock, onLock } from "./ui/holder.ts";
import { loadTexts, t } from "./ui/texts.ts";
import { unlock } from "./ui/unlock.ts";
import { begin, show, type View } from "./ui/view.ts";

watchExit();

const first = (): View => ({
  title: t("team.heading"),
  make: () => [
    el("div", { class: "choices" }, button(t("team.sign_in"), () => void signIn(), "main"), button(t("team.new"), () => void show(newSteward()))),
    el("h2", {}, t("team.officers")),
    el("div", { class: "choices" }, button(t("team.officer"), () => void office()), button(t("team.officer.new"), () => void show(newOfficer(() => void office())))),
  ],
});

async function signIn(): Promise<void> {
  await show(await unlock({ role: "steward", fresh: true, then: ({ client }) => enter(client) }));
}

async function office(): Promise<void> {
  await enterOfficer((client) => begin({ title: t("team.officer"), make: () => [placed(<Officer client={client} lock={lock} />)] }));
}

// enter opens the account of a steward who has none yet and is in the roster: being in
// it is all the invitation there is.
async function enter(client: Client): Promise<void> {
  if ((await enrolled(client)) === "") {
    const { stewards } = await roster(client);
    if (!stewards.some((s) => s.account === client.keys?.thumbprint)) return stranger();
    await enrol(client, "steward");
  }
  await begin({ title: t("team.heading"), make: () => [placed(<Console client={client} lock={lock} />)] });
}

async function stranger(): Promise<void> {
  lock();
  await begin({ title: t("team.heading"), make: () => [el("p", { class: "fault", role: "alert" }, t("team.not_in_roster")), ...(first().make() as Node[])] });
}

function placed(what: ComponentChild): HTMLElement {
  const place = el("div");
  render(what, place);
  return place;
}

async function main(): Promise<void> {
  await loadTexts("common", "unlock", "steward");
  onLock(() => void begin(first()));
  await begin(first());
}

void main();
