// Runs operations of the adaptor against a real vault.
// In:  {"configuration", "invite": true} or {"configuration", "deliver": {…}, "times": n}
//      {"configuration", "acknowledge": item}, {"webhooks": [{"headers", "raw", "keys"}, …]}
// Out: what the operations gave, or {"failure", "status"}; of webhooks the event of each, or its failure.

import { readFileSync } from "node:fs";
import { acknowledge, deliver, execute, fn, getDelivery, invite, listDeliveries, owed, verifyWebhook } from "../src/index.js";

const told = JSON.parse(readFileSync(0, "utf8"));
const out = {};
const keep = (name) => fn((state) => ((out[name] = state.data), state));
const heard = async (request) => {
  try {
    return (await execute(verifyWebhook(request))({})).data;
  } catch (failure) {
    return { failure: failure.name };
  }
};

const operations = told.webhooks
  ? [fn(async (state) => ((out.webhooks = await Promise.all(told.webhooks.map(heard))), state))]
  : told.acknowledge
  ? [owed(), keep("owed"), acknowledge(() => told.acknowledge), keep("acknowledged"), owed(), keep("left"), getDelivery(() => told.acknowledge), keep("delivery")]
  : told.invite
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
