// A partner of a vault at the command line: two officers, an agreement, and a program whose key they registered. It brings things the
// way partners' programs do.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Person, World } from "./world.ts";

export interface Partnership {
  readonly partner: string;
  readonly officers: readonly Person[];
  /** brings delivers a text to the tray that a card or a line names, and gives the item's id. */
  brings(card: string, text: string, ...how: string[]): Promise<string>;
  /** deliveries are what the partner is told: item and state, and the days. */
  deliveries(): Promise<Record<string, unknown>[]>;
  acknowledges(item: string): Promise<void>;
  readonly program: readonly string[]; // the flags that say which program
}

const said = <T>(out: string): T => JSON.parse(out) as T;

/** partnership makes an agreement with an organisation. The steward has joined. */
export async function partnership(vault: World, name = "Women for Memory"): Promise<Partnership> {
  const slug = name.toLowerCase().replace(/[^a-z]/g, "");
  const officers: Person[] = [];
  const accounts: string[] = [];
  for (const who of ["one", "two"]) {
    const officer = vault.person(`${slug}-${who}`);
    const { invitation } = said<{ invitation: string }>((await vault.steward.run("steward", "invite", "partner", "--json")).out);
    const enrolled = await officer.run("partner", "enrol", "--words-out", officer.wordsFile, "--invitation", invitation, "--json");
    accounts.push(said<{ account: string }>(enrolled.out).account);
    officers.push(officer);
  }
  const until = new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10);
  const named = accounts.flatMap((a) => ["--officer", a]);
  const agreed = await vault.steward.run("steward", "agree", "--name", name, ...named, "--scopes", "register,deliver,follow,collect,consult", "--until", until, "--yes", "--json");
  const { partner } = said<{ partner: string }>(agreed.out);
  const key = join(vault.folder, `${slug}.key`);
  const [one, two] = officers as [Person, Person];
  const { client } = said<{ client: string }>((await one.run("partner", "key", key, "--json")).out);
  await one.run("partner", "register", client, `${key}.pub`, "--until", until, "--yes");
  await two.run("partner", "register", client, "--yes");
  const program = ["--key", key, "--client", client];
  const at = async (...args: string[]): Promise<string> => (await one.run(...args, ...program)).out;
  let files = 0;
  return {
    partner, officers, program,
    brings: async (card, text, ...how) => {
      const path = join(vault.folder, `${slug}-${String(++files)}.txt`);
      writeFileSync(path, text);
      return said<{ items: string[] }>(await at("deliver", path, "--card", card, ...how, "--json")).items[0] ?? "";
    },
    deliveries: async () => said<{ deliveries: Record<string, unknown>[] }>(await at("deliveries", "--json")).deliveries,
    acknowledges: async (item) => void (await at("acknowledge", item)),
  };
}
