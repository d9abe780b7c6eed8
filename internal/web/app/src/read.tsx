// The researcher's page: Preact in the views of the site.
import "./app.ts";
import { door } from "./researcher/door.tsx";
import { watchExit } from "./ui/exit.ts";
import { loadTexts } from "./ui/texts.ts";

watchExit();

async function main(): Promise<void> {
  await loadTexts("common", "terms", "researcher");
  await door();
}

void main();
