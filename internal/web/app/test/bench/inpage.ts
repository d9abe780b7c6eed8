// What the measurements have in a page beside the probe: their yardstick, the age-encryption package itself, which reads a
// content once, hashes nothing and makes an age file of it.
import { Encrypter } from "age-encryption";
import "../browser/inpage.ts";

const yardstick = {
  /** run seals so many MiB to a recipient and lets go of them, and gives the milliseconds. */
  async run(recipient: string, mib: number): Promise<number> {
    const one = new Blob([crypto.getRandomValues(new Uint8Array(65_536))]);
    const blob = new Blob(Array<Blob>(mib * 16).fill(one));
    const began = performance.now();
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const reader = (await encrypter.encrypt(blob.stream())).getReader();
    for (let done = false; !done; ) ({ done } = await reader.read());
    return performance.now() - began;
  },
};

export type Yardstick = typeof yardstick;

Object.assign(globalThis, { yardstick });
