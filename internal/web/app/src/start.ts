import { watchExit } from "./ui/exit.ts";
import { loadTexts } from "./ui/texts.ts";

watchExit();
void loadTexts("common");
