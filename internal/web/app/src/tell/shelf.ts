// Where sealed drafts lie: in the browser's database, or in the memory of this page on a
// phone that others use too. What is put here is sealed already, and names say nothing.

import type { Bytes } from "../core/bytes.ts";

/** Shelf keeps sealed pieces by number. */
export interface Shelf {
  put(at: number, sealed: Bytes): Promise<void>;
  remove(at: number): Promise<void>;
  all(): Promise<{ at: number; sealed: Bytes }[]>;
  /** close lets go of it, and of the place itself when nothing is left there. */
  close(): Promise<void>;
}

/** memoryShelf leaves nothing behind. */
export function memoryShelf(): Shelf {
  const kept = new Map<number, Bytes>();
  return {
    put: (at, sealed) => Promise.resolve(void kept.set(at, sealed)),
    remove: (at) => Promise.resolve(void kept.delete(at)),
    all: () => Promise.resolve([...kept].map(([at, sealed]) => ({ at, sealed }))),
    close: () => Promise.resolve(),
  };
}

const database = "notes";
const store = "n";

/** phoneShelf outlives a crash. The button that leaves deletes it (ui/exit.ts). */
export async function phoneShelf(): Promise<Shelf> {
  const db = await opened();
  const run = <T>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>) => done(db.transaction(store, mode, { durability: "strict" }), act);
  return {
    put: async (at, sealed) => void (await run("readwrite", (s) => s.put(sealed, at))),
    remove: async (at) => void (await run("readwrite", (s) => s.delete(at))),
    all: async () => {
      const [keys, values] = [await run("readonly", (s) => s.getAllKeys()), await run("readonly", (s) => s.getAll() as IDBRequest<Bytes[]>)];
      return values.map((sealed, i) => ({ at: Number(keys[i]), sealed }));
    },
    close: async () => {
      const left = await run("readonly", (s) => s.count());
      db.close();
      if (left === 0) indexedDB.deleteDatabase(database);
    },
  };
}

/** phoneHolds says whether something was kept here, without making a database. */
export async function phoneHolds(): Promise<boolean> {
  const all = await indexedDB.databases().catch(() => []);
  return all.some((db) => db.name === database);
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(database, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(store);
    asked.onsuccess = () => {
      // Leaving deletes the database: a connection that stayed open would hold it up.
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error ?? new Error("no database"));
  });
}

function done<T>(run: IDBTransaction, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const asked = act(run.objectStore(store));
    run.oncomplete = () => resolve(asked.result);
    run.onabort = run.onerror = () => reject(run.error ?? new Error("not kept"));
  });
}
