// Runs operations of the adaptor against a real vault.
// In:  {"configuration", "invite": true} or {"configuration", "deliver": {…}, "times": n}
// Out: what the operations gave, or {"failure", "status"}.

import { readFileSync } from "node:fs";
import { deliver, execute, fn, getDelivery, invite, listDeliveries, owed } from "../src/index.js";

const told = JSON.parse(readFileSync(0, "utf8"));
const out = {};
const keep = (name) => fn((state) => ((out[name] = state.data), state));
const operations = told.invite
  ? [invite(), keep("invited")]
  : [
      ...Array.from({ length: told.times ?? 1 }, () => deliver(() => told.deliver)),
      keep("brought"),
      getDelivery((state) => state.data.item),
      keep("delivery"),
      listDeliveries(),
      keep("list"),
      owed(),
      keep("owed"),
    ];
try {
  await execute(...operations)({ configuration: told.configuration });
} catch (failure) {
  Object.assign(out, { failure: failure.name, status: failure.status });
}
process.stdout.write(JSON.stringify(out));
