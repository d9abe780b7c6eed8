// Runs a job: a module whose default export is a list of operations.
// In:  {"job": its text, "state"}. Out: the final state, without the configuration.

import { readFileSync, writeFileSync } from "node:fs";
import { execute } from "../src/index.js";

const told = JSON.parse(readFileSync(0, "utf8"));
const place = new URL("./written.mjs", import.meta.url);
writeFileSync(place, told.job);
const { default: operations } = await import(place.href);
const { configuration: _, ...state } = await execute(...operations)(told.state);
process.stdout.write(JSON.stringify(state));
