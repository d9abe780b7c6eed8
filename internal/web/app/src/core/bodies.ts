// What each act says: the members of every statement's body, in their signed order, with their bounds (docs/protocol.md
// section 2; in Go internal/statement/body*.go). The shapes read statements and write them: there is one list of members.
import { decode, encode } from "./canonical.ts";
import { account, hash, hashOf, id, idOrNone } from "./names.ts";
import { boolean, filled, list, maybe, object, string, that, whole, word, type Of, type Shape } from "./shape.ts";
import { day, purposes, sorted, termHolds, termsMembers, attributions, accesses, prohibitions } from "./terms.ts";

const maxPayload = 2 ** 33 + 2 ** 24; // 8 GiB of container and its age tags
const maxTrustees = 32;

const text = (most: number) => that(string, "a text is empty or too long", (v) => v !== "" && [...v].length <= most);
const recipient = that(string, "a recipient is empty or too long", (v) => v.length > 0 && v.length <= 2100);
const n = that(whole, "a part's number is out of range", (v) => v >= 1 && v <= 9999);
const payloadLength = that(whole, "a length is out of range", (v) => v >= 32 && v <= maxPayload);
const moment = that(whole, "a time is missing", (v) => v > 0);
const span = that(whole, "a number of whole days, in seconds, up to ten years", (v) => v % day === 0 && v >= day && v <= 3653 * day);
const hashOrNone = that(string, "a hash is misspelt", (v) => v === "" || fits(hash, v));
const accountOrNone = hashOrNone;

function fits<T>(shape: Shape<T>, value: unknown): boolean {
  try {
    shape(value);
    return true;
  } catch {
    return false;
  }
}

/** rising says that entries stand in order, each once. */
function rising<T, K extends string | number>(of: Shape<T>, key: (entry: T) => K): Shape<T[]> {
  const inOrder = (entries: T[]) => entries.every((e, i) => i === 0 || key(entries[i - 1] as T) < key(e));
  return that(list(of), "a list is not in order", inOrder);
}

const binding = { length: payloadLength, payload_sha256: hash, commit: hash, header_sha256: hash };
const person = { name: text(200), institution: text(300), purpose: text(2000) };
const share = object({ account, recipient_sha256: hash, share_sha256: hash, sealed_sha256: hash });
export type Share = Of<typeof share>;
const trustees = rising(share, (s) => s.account);

const shared = (threshold: number, people: unknown[]) =>
  threshold >= 2 && threshold <= people.length && people.length <= maxTrustees;

/** How a part came that a partner brought: the assurance always, and the note where the reader may see who it was. */
const brought = object({ assurance: word("partner-device", "gateway", "vault", "field-form"), claimed: boolean, note_sha256: hashOrNone });
const grantedPart = object({ n, payload_sha256: hash, commit: hash, header_sha256: hash, brought: maybe(brought) });
export type GrantedPart = Of<typeof grantedPart>;
const grantedParts = that(rising(grantedPart, (p) => p.n), "a grant names 1 to 1000 parts", (p) => p.length > 0 && p.length <= 1000);
/** What she says of the content, sealed to the reader: 1915 bytes whatever it says (core/labels.ts). */
const labels = that(string, "labels have one length", (v) => /^[A-Za-z0-9_-]{2553}[AQgw]$/.test(v));
const grantBegins = { testimony: id, parts: grantedParts, grantee: account, recipient_sha256: hash, accreditation: hash };

const policy = that(
  object({ testimony: id, grantee: account, threshold: whole, trustees, recipient_sha256: hashOrNone, silence: whole, wait: whole }),
  "a policy has trustees, with a threshold, or silence, or both",
  (p) => {
    const people = p.threshold === 0
      ? p.trustees.length === 0 && p.recipient_sha256 === "" && p.silence !== 0
      : shared(p.threshold, p.trustees) && p.recipient_sha256 !== "";
    return people && ((p.silence === 0 && p.wait === 0) || (fits(span, p.silence) && fits(span, p.wait)));
  },
);

const answer = that(
  object({ testimony: id, grant: id, answer: word("refused", "deferred"), until: whole }),
  "an answer is refused, or deferred until a day",
  (a) => (a.answer === "deferred") === (a.until > 0) && a.until % day === 0 && a.until >= 0,
);

/** What stewards agree on with a partner, and its officers register (docs/protocol.md section 16). */
const scopes = that(rising(word("collect", "consult", "deliver", "follow", "hooks", "register"), (s) => s), "a scope is missing", (s) => s.length > 0);
const officers = that(rising(account, (a) => a), "there are 2 to 16 officers", (o) => o.length >= 2 && o.length <= 16);
const jwk = that(object({ crv: word("Ed25519", "P-256"), kty: word("OKP", "EC"), x: hash, y: filled(hash) }), "a key is of one kind",
  (k) => (k.crv === "P-256") === (k.kty === "EC") && (k.kty === "EC") === (k.y !== undefined));
const lasts = (days: number) => (t: { from: number; until: number }) => t.until > t.from && t.until - t.from <= days * day;
const wholeDay = that(moment, "a whole day", (v) => v % day === 0);

/** The body of every act. */
export const bodies = {
  key: object({ role: word("participant", "researcher", "steward", "partner"), recipient }),
  apply: object({ key_sha256: hash, ...person }),
  accredit: that(object({ account, key_sha256: hash, apply_sha256: hash, ...person, from: moment, until: moment }),
    "the term must end after it begins, within twelve months", (a) => a.until > a.from && a.until - a.from <= 366 * day),
  suspend: object({ account, accreditation: hash }),
  agree: that(object({ partner: id, name: text(200), officers, scopes, from: moment, until: moment }), "a term", lasts(732)),
  halt: object({ partner: id, agreement: hash }),
  client: that(object({ partner: id, client: id, jwk, scopes, from: moment, until: moment }), "a term", lasts(366)),
  retire: object({ partner: id, client: id, key: account }),
  collection: object({ partner: id, account, key_sha256: hash, until: wholeDay }),
  consultation: object({ partner: id, consultation: id, document_sha256: hash, until: wholeDay }),
  roster: object({ document_sha256: hash, roster_seq: moment }),
  card: object({ testimony: id, card_sha256: hash }),
  begin: object({ testimony: id, n, header_sha256: hash,
    nonce: that(string, "a nonce has 16 bytes", (v) => /^[A-Za-z0-9_-]{21}[AQgw]$/.test(v)), length: payloadLength }),
  add: object({ testimony: id, n, ...binding }),
  received: object({ testimony: id, n, length: that(whole, "a length is out of range", (v) => v >= 0 && v <= maxPayload) }),
  adopt: object({ testimony: id, n, ...binding, received_sha256: hash }),
  grant: that(object({ ...grantBegins, ...termsMembers, conditions: object({ policy: idOrNone }), labels: maybe(labels) }), "a term", termHolds),
  renew: that(object({ testimony: id, grant: id, accreditation: hash, ...termsMembers }), "a term", termHolds),
  narrow: that(object({ testimony: id, grant: id, ...termsMembers }), "a term", termHolds),
  ask: object({ grant: id, purposes: sorted(purposes, 1), until: moment }),
  answer,
  pause: object({ testimony: idOrNone }),
  lift: object({ testimony: idOrNone }),
  pausecode: object({ code_sha256: hashOrNone }),
  checkin: object({}),
  withdraw: that(object({ testimony: idOrNone, n: whole, grantee: accountOrNone }), "n is a part of the testimony that is named",
    (w) => w.n === 0 || (w.testimony !== "" && fits(n, w.n))),
  reply: that(object({ grant: id, reply: word("acknowledged", "destroyed", "kept", "heard", "thankful", "with-care"), reason: string }),
    "a reason is given for keeping, and only for that",
    (r) => (r.reply === "kept") === (r.reason !== "") && [...r.reason].length <= 500),
  policy,
  recovery: that(object({ threshold: whole, trustees, wait: whole }), "no threshold means no trustees and no wait",
    (r) => r.threshold === 0 ? r.trustees.length === 0 && r.wait === 0 : shared(r.threshold, r.trustees) && fits(span, r.wait)),
  trust: object({ of: id, of_sha256: hash, answer: word("agreed", "declined") }),
  claim: object({ account }),
  release: object({ of: id, of_sha256: hash, sealed_sha256: hash }),
  rekey: object({ key: hash, recipient, proof: that(string, "a proof is a signature", (v) => /^[A-Za-z0-9_-]{85}[AQgw]$/.test(v)) }),
  rewrap: object({ testimony: id, card_sha256: hash, parts: rising(object({ n, header_sha256: hash }), (p) => p.n) }),
  mode: that(object({ testimony: id, mode: word("listening", "evidence"), warning_sha256: hashOrNone }),
    "evidence names the warning that was shown", (m) => (m.mode === "evidence") === (m.warning_sha256 !== "")),
  revoke: object({ testimony: id, grant: id }),
  relock: that(object({ testimony: id, n, old_payload_sha256: hash, ...binding,
    grants: rising(object({ grant: id, header_sha256: hash }), (g) => g.grant) }),
    "the payload did not change", (r) => r.payload_sha256 !== r.old_payload_sha256),
  erase: object({ testimony: id, statements_sha256: hash }),
};

export type Act = keyof typeof bodies;
export type Bodies = { [A in Act]: Of<(typeof bodies)[A]> };

/** Grants signed before there were media, place, quote_review, max_reads and conditions have none of the five. What she was
 *  not asked is read so that it protects her. The two spellings share no text. */
const firstGrant = that(
  object({ ...grantBegins, purposes: sorted(purposes, 1), prohibited: sorted(prohibitions, 0), attribution: word(...attributions),
    access: word(...accesses), onward: boolean, from: moment, until: moment }),
  "a term", termHolds,
);

/** readBody reads the exact text of a body. */
export function readBody<A extends Act>(act: A, text: string): Bodies[A] {
  try {
    return decode(text, bodies[act] as Shape<Bodies[A]>);
  } catch (refused) {
    if (act !== "grant") throw refused;
    const { access, onward, from, until, ...rest } = decode(text, firstGrant);
    return bodies.grant({ ...rest, media: [], place: "none", quote_review: true, access, onward, from, until, max_reads: 0,
      conditions: { policy: "" } }) as Bodies[A];
  }
}

/** writeBody puts a body's members in order and checks them: nothing is signed that nobody would accept. */
export function writeBody<A extends Act>(act: A, body: Bodies[A]): Bodies[A] {
  return (bodies[act] as Shape<Bodies[A]>)(body);
}

/** bodyHash is the name of an accreditation. */
export function bodyHash<A extends Act>(act: A, body: Bodies[A]): string {
  return hashOf(encode(writeBody(act, body)));
}

/** subjectOf is the testimony that a body concerns, "" for none or all. */
export function subjectOf(body: object): string {
  return "testimony" in body && typeof body.testimony === "string" ? body.testimony : "";
}
