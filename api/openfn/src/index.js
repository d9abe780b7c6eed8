// The operations of the adaptor. Each takes its arguments and gives a function of the state, as OpenFn wants it; an argument that is a
// function is called with the state first. What an operation gives is in `state.data`, what was there before in `state.references`.
//
// What this adaptor never does: write content, codes or keys to a log, to the state that a run keeps, or to a disk. Content is sealed
// before anything is sent, and a job that wants to forget it deletes it from its own state: see README.md.
import { base64url, isId, newId, sha256, trayOf } from "./encoding.js";
import { Failure } from "./failure.js";
import { jws } from "./key.js";
import { seal } from "./seal.js";
import { Session } from "./session.js";
import { verifyWebhook as verified } from "./webhook.js";

export { Failure, trayOf };

const sessions = new WeakMap(); // by configuration: a token outlives an operation, and never a run

function session(state) {
  const { configuration } = state;
  if (configuration === undefined) throw new Failure("configuration", "there are no credentials");
  if (!sessions.has(configuration)) {
    for (const name of ["partner", "client"]) if (!isId(configuration[name])) throw new Failure("configuration", `the ${name} id has 26 letters and digits`);
    if (!/^[A-Za-z0-9_-]{43}$/.test(configuration.vault ?? "")) throw new Failure("configuration", "the vault's id has 43 letters and digits");
    sessions.set(configuration, new Session(configuration, state.line));
  }
  return sessions.get(configuration);
}

const given = (argument, state) => (typeof argument === "function" ? argument(state) : argument);

const next = (state, data) => ({ ...state, references: [...(state.references ?? []), state.data].filter((old) => old !== undefined), data });

function identifier(value, what) {
  if (!isId(value)) throw new Failure("arguments", `${what} has 26 letters and digits`);
  return value;
}

/** execute runs operations one after the other. */
export function execute(...operations) {
  return async (initial) => {
    let state = { references: [], ...initial };
    for (const operation of operations) state = await operation(state);
    return state;
  };
}

/** invite makes an invitation for somebody who is present (scope `register`): `{invitation, expires, tray}`. She enrols with the
 *  invitation on her own device; `tray` is the code of the tray that she then has for this partner. Both are secrets until she has. */
export const invite = () => async (state) => {
  const made = await session(state).request("POST", "/v1/partner/invitations", { json: {} });
  return next(state, { ...made, tray: trayOf(made.invitation) });
};

/** deliver seals content to her and brings it (scope `deliver`): `{item, day}`. Arguments, or a function of the state that gives them:
 *    tray        the code of her tray
 *    recipient   from her card, age1pq1…
 *    content     a text or bytes
 *    mediaType   what it is
 *    name        of the file, if it may be told to her
 *    item        an id of yours for it (newItem), so that a run that is repeated brings it once; else one is drawn
 *    assurance   `partner-device`, or `gateway` where this machine is no device of the caseworker's
 *    consultation  the consultation that it belongs to, if it does */
export const deliver = (item) => async (state) => {
  const { content, mediaType, name, recipient, ...rest } = given(item, state);
  if (typeof content !== "string" && !(content instanceof Uint8Array)) throw new Failure("arguments", "content is a text or bytes");
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return deliverSealed({ ...rest, recipient, sealed: await seal(bytes, { mediaType, name }, recipient) })(state);
};

/** deliverSealed brings what was sealed elsewhere: `sealed` is {header, payload, length, payload_sha256, commit, header_sha256}, as
 *  seal gives it. The other arguments are those of deliver. */
export const deliverSealed = (item) => async (state) => {
  const { tray, recipient, sealed, item: id = newId(), assurance = "gateway", consultation = "" } = given(item, state);
  identifier(tray, "the code of a tray");
  identifier(id, "the id of an item");
  if (consultation !== "") identifier(consultation, "the id of a consultation");
  if (!["partner-device", "gateway"].includes(assurance)) throw new Failure("arguments", "assurance is partner-device or gateway");
  const { configuration } = state;
  const at = session(state);
  await at.request("GET", "/v1/partner"); // who we are is checked, and the vault's day known, before anything is signed
  const day = Math.floor(at.now() / 86400) * 86400;
  const note = jws(at.key, { typ: "tv-delivery+jwt", kid: at.key.thumbprint }, {
    iss: configuration.client, aud: configuration.vault, partner: configuration.partner, client: configuration.client, item: id,
    recipient_sha256: base64url(sha256(recipient)), length: sealed.length, payload_sha256: sealed.payload_sha256, commit: sealed.commit,
    header_sha256: sealed.header_sha256, assurance, day, consultation, replaces: { testimony: "", n: 0 },
  });
  const brought = await at.request("PUT", `/v1/deliveries/${id}`, {
    bytes: sealed.payload,
    headers: { "Content-Type": "application/octet-stream", "Testimony-Tray": tray, "Testimony-Header": base64url(sealed.header), "Testimony-Delivery": note },
  });
  return next(state, brought);
};

/** newItem draws an id for something that is still to be brought. */
export const newItem = () => newId();

/** getDelivery asks what became of one item (scope `follow`): `{item, state, brought, changed, …}`, by the day. */
export const getDelivery = (item) => async (state) =>
  next(state, await session(state).request("GET", `/v1/deliveries/${identifier(given(item, state), "the id of an item")}`));

/** listDeliveries asks what changed (scope `follow`) since `after`, the `next` of the last time: `{deliveries, next}`. At most
 *  `pages` pages are asked for. */
export const listDeliveries = (options = {}) => async (state) => {
  const { after = "", pages = 100 } = given(options, state);
  const at = session(state);
  const deliveries = [];
  let from = String(after);
  for (let page = 0; page < pages; page++) {
    const answer = await at.request("GET", `/v1/deliveries${from === "" ? "" : `?after=${encodeURIComponent(from)}`}`);
    deliveries.push(...answer.deliveries);
    if (answer.deliveries.length === 0 || answer.next === from) break;
    from = answer.next;
  }
  return next(state, { deliveries, next: from });
};

/** acknowledge says that a withdrawal was heard and what you have of the item is no longer used (scope `follow`). */
export const acknowledge = (item) => async (state) =>
  next(state, await session(state).request("POST", `/v1/deliveries/${identifier(given(item, state), "the id of an item")}/acknowledgements`, { json: {} }));

/** owed lists the withdrawals that are not acknowledged yet, the oldest first (scope `follow`): `{withdrawals}`. */
export const owed = () => async (state) => next(state, await session(state).request("GET", "/v1/owed-withdrawals"));

/** verifyWebhook verifies a request of the vault's: `{id, type, timestamp, about}`. Arguments: headers, raw (the body as it came), keys. */
export const verifyWebhook = (request) => async (state) => next(state, verified(given(request, state)));

/** fn runs a function of the state. */
export const fn = (run) => async (state) => run(state);
