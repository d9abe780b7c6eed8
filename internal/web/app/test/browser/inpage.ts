// What the probe does inside a page: the acts of the app with the site's own worker, told in values that can leave the page.
// Tests reach it as `probe`. A person here is a number.
import { base64url, fromBase64url } from "../../src/core/bytes.ts";
import { newClient, type Client } from "../../src/core/client.ts";
import { enrol } from "../../src/core/enrol.ts";
import { codeOf } from "../../src/core/failure.ts";
import { unfolded, type WordList } from "../../src/core/phrase.ts";
import "../../src/core/parts.ts"; // which is asked for later, when nothing of the probe is handed out any more
import type { Binding, PartInfo } from "../../src/core/sealer.ts";
import { createTestimony, listTestimonies, openOwnPart } from "../../src/core/testimonies.ts";
import { connect, type VaultWorker, type WorkerKeys } from "../../src/worker/client.ts";
import { spawn } from "../../src/worker/spawn.ts";

/** A sealed part: an age file, and what she would sign of it. */
export interface SealedFile {
  readonly file: string; // base64url: header and payload
  readonly header: number; // bytes
  readonly binding: Binding;
}

interface Person {
  readonly worker: VaultWorker;
  readonly keys: WorkerKeys;
  readonly client: Client;
}

const people: Person[] = [];

function places(): Record<string, string> {
  return JSON.parse(document.getElementById("places")?.textContent ?? "{}") as Record<string, string>;
}

function person(n: number): Person {
  const found = people[n];
  if (!found) throw new Error(`nobody is number ${String(n)}`);
  return found;
}

function arrive(worker: VaultWorker, keys: WorkerKeys, vault: string): number {
  return people.push({ worker, keys, client: newClient({ server: location.origin, vault, keys }) }) - 1;
}

function startWorker(): VaultWorker {
  const port = spawn(places()["worker.js"] ?? "");
  return connect(port, () => port.terminate());
}

async function english(): Promise<WordList> {
  return unfolded("en", await (await fetch(places()["list/en"] ?? "")).text());
}

/** bytesOf are so many bytes that repeat nowhere, the same ones for the same seed: those of recorded in test/somebody.ts. */
function bytesOf(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = seed >>> 0;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const info = (name: string): PartInfo => ({ media_type: "audio/ogg", name, kind: "original", derived_from: 0 });

/** repeated is a Blob of many MiB that takes the room of one. */
function repeated(mib: number): Blob {
  const one = new Blob([bytesOf(1 << 20, 7)]);
  return new Blob(Array<Blob>(mib).fill(one));
}

async function sealAll(keys: WorkerKeys, blob: Blob, slice: number, take: (bytes: Uint8Array<ArrayBuffer>) => void): Promise<{ header: Uint8Array<ArrayBuffer>; binding: Binding }> {
  const lock = await keys.lock(info("voice.ogg"), blob);
  try {
    for (let at = 0; at < lock.length; at += slice) take(await keys.seal(lock, at, Math.min(at + slice, lock.length)));
    return { header: lock.header, binding: await keys.bind(lock) };
  } finally {
    keys.release(lock);
  }
}

const probe = {
  /** draw is somebody with new words. */
  async draw(vault: string): Promise<{ who: number; words: string }> {
    const worker = startWorker();
    const keys = await worker.draw(fromBase64url(vault));
    return { who: arrive(worker, keys, vault), words: (await keys.words(await english())).join(" ") };
  },
  /** enter is somebody who gives words or digits. */
  async enter(vault: string, typed: string): Promise<number> {
    const worker = startWorker();
    const keys = await worker.enter(typed, [await english()], fromBase64url(vault));
    if ("problem" in keys) throw new Error(keys.problem.reason);
    return arrive(worker, keys, vault);
  },
  /** seal seals so many bytes and gives the age file. */
  async seal(who: number, size: number, seed: number): Promise<SealedFile> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const { header, binding } = await sealAll(person(who).keys, new Blob([bytesOf(size, seed)]), 300_000, (bytes) => pieces.push(bytes));
    const file = new Uint8Array(await new Blob([header, ...pieces]).arrayBuffer());
    return { file: base64url(file), header: header.length, binding };
  },
  /** open opens it again, and gives the content. */
  async open(who: number, { file, header, binding }: SealedFile): Promise<{ name: string; content: string }> {
    const bytes = fromBase64url(file);
    const opening = await person(who).keys.open(bytes.slice(0, header), binding);
    const first = await opening.push(bytes.slice(header, header + 70_000));
    const rest = await opening.push(bytes.slice(header + 70_000));
    await opening.end();
    const content = new Uint8Array(await new Blob([...first.content, ...rest.content]).arrayBuffer());
    return { name: first.info?.name ?? "", content: base64url(content) };
  },
  recipient: (who: number): Promise<string> => Promise.resolve(person(who).keys.recipient),
  identityFile: async (who: number): Promise<string> => new TextDecoder().decode(await person(who).keys.identityFile()),
  /** tell enrols and stores one testimony whose parts have these sizes; the first one's seed is 1. */
  async tell(who: number, title: string, sizes: number[]): Promise<string> {
    const { client } = person(who);
    await enrol(client, "participant");
    const parts = sizes.map((size, i) => ({ info: info(`voice-${String(i + 1)}.ogg`), blob: new Blob([bytesOf(size, i + 1)]) }));
    const made = await createTestimony(client, { title, language: "ar", warnings: [], parts });
    if (made.failure) throw made.failure;
    return made.testimony;
  },
  /** read opens a stored part of hers. */
  async read(who: number, title: string, n: number): Promise<{ name: string; content: string }> {
    const { client } = person(who);
    const found = (await listTestimonies(client)).list.find((l) => l.card?.title === title);
    if (!found) throw new Error("no testimony of that title");
    const opened = await openOwnPart(client, found.testimony, n);
    return { name: opened.info.name, content: base64url(new Uint8Array(await opened.content.arrayBuffer())) };
  },
  /** run seals so many MiB and lets go of them, and says how many bytes came and how long both readings took. */
  async run(who: number, mib: number): Promise<{ bytes: number; milliseconds: number }> {
    const blob = repeated(mib);
    let bytes = 0;
    const began = performance.now();
    await sealAll(person(who).keys, blob, 4 << 20, (piece) => (bytes += piece.length));
    return { bytes, milliseconds: performance.now() - began };
  },
  /** send enrols and stores the file that was put into the page's one field for files, and gives the milliseconds. */
  async send(who: number): Promise<number> {
    const { client } = person(who);
    const [blob] = document.querySelector<HTMLInputElement>("input[type=file]")?.files ?? [];
    if (!blob) throw new Error("no file was chosen");
    await enrol(client, "participant");
    const began = performance.now();
    const made = await createTestimony(client, { title: "large", language: "en", warnings: [], parts: [{ info: info("large.bin"), blob }] });
    if (made.failure) throw made.failure;
    return performance.now() - began;
  },
  /** field puts a field for files into the page. */
  field: (): Promise<void> => Promise.resolve(document.body.append(Object.assign(document.createElement("input"), { type: "file" }))),
  /** kill ends the worker in the middle of work, and gives the codes with which that work, and what is asked afterwards, fails. */
  async kill(who: number): Promise<string[]> {
    const { worker, keys } = person(who);
    const begun = new Promise<void>((resolve) => void keys.lock(info("long.ogg"), repeated(64), { progress: () => resolve() }).catch((e: unknown) => codes.push(codeOf(e))));
    const codes: string[] = [];
    await begun;
    worker.end();
    for (const asked of [() => keys.sign(new Uint8Array(1)), () => keys.identityFile(), () => worker.draw("steward")]) {
      codes.push(await asked().then(() => "done", codeOf));
    }
    return codes;
  },
};

export type Probe = typeof probe;

Object.assign(globalThis, { probe });
