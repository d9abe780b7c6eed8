// What the acts need of keys and sealing. The keys live in the worker (src/worker), which implements this by messages; node
// tests implement it in place. Nothing here gives a private key, a file key or the secret out: a lock is a number that means
// a file key in the worker, and the worker forgets it on release. docs/protocol.md section 8.
import type { Bytes } from "./bytes.ts";

/** Signs in the name of an account. */
export interface Signer {
  readonly publicKey: Bytes; // Ed25519, 32 bytes
  readonly thumbprint: string; // RFC 7638: the account, until words are changed
  sign(bytes: Bytes): Promise<Bytes>; // 64 bytes
}

export const kinds = ["original", "cleaned", "redacted", "cut", "voice-altered", "transcript", "translation"] as const;
export type Kind = (typeof kinds)[number];

export interface Person {
  role: "speaker" | "participant";
  name: string;
  first_name: string;
  initial: string;
  pseudonym: string;
  country: string;
  region: string;
  place: string;
  affiliation: string;
}

/** part.json: travels sealed inside the part. */
export interface PartInfo {
  media_type: string;
  name: string;
  kind: Kind;
  derived_from: number; // 0 of an original
  people?: Person[];
  captured?: { time: number; device: string; place: string }; // evidence mode only
}

/** What she sees of a testimony in her list, sealed to her, a kilobyte in all. */
export interface Card {
  title: string;
  language: string; // BCP 47
  labels: { n: number; label: string }[]; // by ascending n
  warnings: string[];
  derived?: { n: number; from: number; kind: Kind }[]; // by ascending n
}

/** What makes a part that part and no other: all of it is in her statement. */
export interface Binding {
  length: number; // of the payload, in bytes
  payload_sha256: string; // b64, as the three below
  commit: string;
  header_sha256: string;
}

/** A lock is a file key with its nonce and her own header, kept by the sealer under a number. It seals one payload. */
export interface Lock {
  readonly id: number;
  readonly header: Bytes; // to herself
  readonly nonce: Bytes; // 16 bytes
  readonly length: number; // of the payload
}

/** What is stored of an upload that was begun: its header, nonce and length as she signed them. */
export interface Begun {
  readonly header: Bytes;
  readonly nonce: Bytes;
  readonly length: number;
}

/** An opening in progress. The content is provisional until end has returned. */
export interface Opening {
  /** push takes the next bytes of the payload and gives what became readable. Info comes once, before any content. */
  push(bytes: Bytes): Promise<{ info?: PartInfo; size?: number; content: Bytes[] }>;
  /** end checks that all came, that it has the signed digest, and that the container is whole. */
  end(): Promise<void>;
  /** stop forgets the key; calling it after end changes nothing. */
  stop(): void;
}

/** A share of a secret as its holder gets it. */
export interface ShareCard {
  share: Bytes;
  threshold: number;
  of: number;
  note: string;
}

export interface Sealer {
  readonly recipient: string; // her own, age1pq1…

  sealCard(card: Card): Promise<Bytes>; // an age file
  openCard(file: Bytes): Promise<Card>; // throws Failure own-keys

  /** payloadSize is the length of the sealed payload of a content, known before a byte of it is read. */
  payloadSize(info: PartInfo, size: number): Promise<number>;
  /** lock reads the content once, draws a file key, and makes nonce and header. */
  lock(info: PartInfo, content: Blob): Promise<Lock>;
  /** take makes the lock of an upload that was begun, from her own header. Throws Failure own-keys. */
  take(begun: Begun): Promise<Lock>;
  /** look opens the beginning of what is stored (65,568 bytes, or all of a shorter payload). Throws Failure upload-swapped. */
  look(lock: Lock, stored: Bytes): Promise<{ info: PartInfo; size: number }>;
  /** fits says whether this content, with this part.json, gives the lock's nonce; if so the lock then seals it. */
  fits(lock: Lock, info: PartInfo, content: Blob): Promise<boolean>;
  /** seal gives the bytes from `from` up to `to` of the payload. Throws Failure file-changed when the content is not what was read. */
  seal(lock: Lock, from: number, to: number): Promise<Bytes>;
  /** bind gives what she signs of the whole payload, hashing what has not been hashed. */
  bind(lock: Lock): Promise<Binding>;
  /** release wipes a file key. */
  release(lock: Lock): void;

  /** rewrap opens her own header against what she signed and writes the same file key to another recipient.
   *  Throws Failure part-swapped, own-keys, commitment, classic. */
  rewrap(header: Bytes, of: Binding, to: string): Promise<Bytes>;
  /** check opens a header against what was signed, and forgets the key. Throws like rewrap. */
  check(header: Bytes, of: Binding): Promise<void>;
  /** open begins to open a payload. with is the number of a shared key (join), else her own key opens the header.
   *  Throws Failure part-swapped, own-keys, commitment; push and end throw payload-swapped. */
  open(header: Bytes, of: Binding, shared?: number): Promise<Opening>;

  /** share makes a shared key, splits it among n people and forgets it. */
  share(n: number, threshold: number): Promise<{ recipient: string; shares: Bytes[] }>;
  sealShare(card: ShareCard, to: string): Promise<Bytes>;
  openShare(file: Bytes): Promise<ShareCard>;
  /** join makes a shared key again. Throws Failure false-shares when it is not the one whose recipient has this digest. */
  join(shares: Bytes[], recipientSha256: string): Promise<number>;
  /** leave wipes a shared key. */
  leave(shared: number): void;
}

/** The keys of an account. */
export type Keys = Signer & Sealer;
