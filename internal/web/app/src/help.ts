// The only script of pages that are read without one: leaving at once.

import { watchExit } from "./ui/exit.ts";

watchExit();
