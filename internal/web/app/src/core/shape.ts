// What JSON must look like, member by member. A shape reads an unknown value into exactly the members it names, in the order
// it names them, and throws when one is missing or of another kind. Members it does not name are left behind: an answer may
// have more than a client knows (docs/protocol.md section 5). Signed documents, which may not, go through canonical.ts,
// which writes what a shape has read and compares: so order, unknown names and repeated names are all one check.

export type Shape<T> = (value: unknown) => T;
export type Of<S> = S extends Shape<infer T> ? T : never;

const refuse = (what: string): never => {
  throw new TypeError(`the answer is not what the protocol says: ${what}`);
};

export const string: Shape<string> = (v) => (typeof v === "string" ? v : refuse("a text is missing"));
export const boolean: Shape<boolean> = (v) => (typeof v === "boolean" ? v : refuse("a yes or no is missing"));
/** whole numbers that JavaScript holds exactly; everything counted here is far below. */
export const whole: Shape<number> = (v) => (Number.isSafeInteger(v) ? (v as number) : refuse("a whole number is missing"));

/** one of these words. */
export function word<W extends string>(...words: readonly W[]): Shape<W> {
  return (v) => ((words as readonly unknown[]).includes(v) ? (v as W) : refuse("an unknown word"));
}

export function list<T>(of: Shape<T>): Shape<T[]> {
  return (v) => (Array.isArray(v) ? v.map((entry) => of(entry)) : refuse("a list is missing"));
}

/** maybe is a member that may be absent, and is then undefined. */
export function maybe<T>(of: Shape<T>): Shape<T | undefined> {
  return (v) => (v === undefined ? undefined : of(v));
}

/** filled is a member that is absent when it is empty, and never there and empty. */
export function filled<T>(of: Shape<T>): Shape<T | undefined> {
  return (v) => {
    if (v === undefined) return undefined;
    const read = of(v);
    const empty = read === "" || read === 0 || read === false || (Array.isArray(read) && read.length === 0);
    return empty ? refuse("a member is there and empty") : read;
  };
}

type Members<M> = { [K in keyof M as undefined extends Of<M[K]> ? never : K]: Of<M[K]> } & {
  [K in keyof M as undefined extends Of<M[K]> ? K : never]?: Exclude<Of<M[K]>, undefined>;
};
type Flat<T> = { [K in keyof T]: T[K] };

/** object reads the named members, in this order. */
export function object<M extends Record<string, Shape<unknown>>>(members: M): Shape<Flat<Members<M>>> {
  const entries = Object.entries(members);
  return (v) => {
    if (typeof v !== "object" || v === null || Array.isArray(v)) return refuse("an object is missing");
    const out: Record<string, unknown> = {};
    for (const [name, shape] of entries) {
      const read = shape(Object.hasOwn(v, name) ? (v as Record<string, unknown>)[name] : undefined);
      if (read !== undefined) out[name] = read;
    }
    return out as Flat<Members<M>>;
  };
}

/** that adds a condition to a shape. */
export function that<T>(of: Shape<T>, what: string, holds: (value: T) => boolean): Shape<T> {
  return (v) => {
    const read = of(v);
    return holds(read) ? read : refuse(what);
  };
}
