// The one place where a page makes code run from an address takes the worker's address and no other.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { spawn } from "../../src/worker/spawn.ts";

const started: string[] = [];

class Started {
  constructor(address: string) {
    started.push(address);
  }
}

before(() => Object.defineProperty(globalThis, "Worker", { configurable: true, value: Started }));
after(() => Reflect.deleteProperty(globalThis, "Worker"));

test("the worker's own address becomes a worker, and no other", () => {
  spawn("/a/worker-AB12CD34.js");
  const others = ["", "/a/notes-AB12.js", "/a/worker-AB12.js?x", "/a/../worker-AB12.js", "//elsewhere/a/worker-AB12.js", "https://elsewhere/a/worker-AB12.js", "data:,", "blob:null/1", "/a/worker-AB12.js\n"];
  for (const address of others) assert.throws(() => spawn(address), TypeError, address);
  assert.deepEqual(started, ["/a/worker-AB12CD34.js"]);
});
