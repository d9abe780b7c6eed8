// Makes the worker: the one place in which a page makes code run from an address, and therefore the one Trusted Types policy. It
// lets through exactly the address of our own worker file, so that text which found its way into a page cannot name another.
import type { Port, ToPage, ToWorker } from "./message.ts";

interface Policy {
  createScriptURL(address: string): string;
}

interface Factory {
  createPolicy(name: "vault", rules: Policy): Policy;
}

let policy: Policy | undefined;

const allowed = /^\/a\/worker-[A-Z0-9]+\.js$/;

const rules: Policy = {
  createScriptURL(address) {
    if (!allowed.test(address)) throw new TypeError("not the address of a worker of this site");
    return address;
  },
};

/** spawn starts the worker at its address on this site, /a/worker-<hash>.js. */
export function spawn(address: string): Worker & Port<ToWorker, ToPage> {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  policy ??= factory?.createPolicy("vault", rules) ?? rules;
  return new Worker(policy.createScriptURL(address), { type: "module" });
}
