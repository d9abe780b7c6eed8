// Reads import.csv with the npm package csvtojson and the settings with which Uwazi
// does.
// In:  the file. Out: [{column: text, …}, …].

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const csvtojson = createRequire(process.argv[2] + "/")("csvtojson");
const rows = await csvtojson({ delimiter: [",", ";"], flatKeys: true }).fromString(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(rows));
