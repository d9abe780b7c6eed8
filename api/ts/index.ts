// The package's one entrance. What is verified here, and how, says docs/protocol.md; what follows from it, docs/sdk.md.

// A client of a vault, and its keys.
export { newClient, type Client, type Config, type Head } from "./core/client.ts";
export { newSecret, spellDigits, read as readWords, listOf, spellWords, type Reading, type WordList } from "./core/phrase.ts";
export { derive, steward as stewardContext, type Keyring } from "./core/keyring.ts";
export { keysOf, type LocalKeys } from "./core/keys.ts";
export type { Card, Keys, PartInfo, Person, Signer } from "./core/sealer.ts";
export { Failure, codeOf, is, problemIs, untrusted, type Code, type Problem } from "./core/failure.ts";
export { base64url, fromBase64url, utf8, type Bytes } from "./core/bytes.ts";

// The vault, and coming to it.
export { vault, vaultIdAt, type VaultInfo } from "./core/vault.ts";
export { door, enrol, enrolled, invite, type Door, type Role } from "./core/enrol.ts";
export { head } from "./core/history.ts";
export { signOut, skew, time } from "./core/session.ts";

// Telling: sealed here, before anything is sent.
export { createTestimony, listTestimonies, newTestimony, openOwnPart, setCard, showTestimony, keepAsEvidence, onlyListen } from "./core/testimonies.ts";
export type { Content, Created, Listed, NewTestimony, Opened, OpenOptions, SendOptions, Shown } from "./core/testimonies.ts";
export { abandon, addPart, adopt, findUnfinished, openArrived, unfinished, type Resumable, type Unfinished } from "./core/parts.ts";
export { erase } from "./core/erase.ts";
export { feed, type Event, type Feed } from "./core/feed.ts";

// Letting somebody in, and taking it back.
export { researcher, researchers, type Researcher } from "./core/readers.ts";
export { give, listGrants, narrow, notNow, refuseRequest, renew, revoke, type Granted, type GrantDetail, type Offer } from "./core/grants.ts";
export { complete, within, exportable, purposes, prohibitions, attributions, day, type Terms, type Purpose } from "./core/terms.ts";
export { withdraw, withdrawals, withdrawn, type Scope, type Withdrawal } from "./core/withdrawals.ts";
export { checkIn } from "./core/checkin.ts";
export { endPauseCode, lift, newPauseCode, pause, pauseByCode, standing } from "./core/pauses.ts";
export { introduce, listPolicies, setPolicy, type Policy, type PolicyTerms } from "./core/policies.ts";
export { answerTrust, release, trusts, type Trust } from "./core/trustees.ts";
export { rekey } from "./core/rekey.ts";

// Reading what was granted.
export { apply, applied, askToRenew, endings, granted, inbox, keepGranted, openGranted, reply, type Received, type Receiving } from "./core/inbox.ts";

// Vouching.
export { accredit, accredited, applications, approveRoster, proposeRoster, readProposal, roster, suspend } from "./core/stewards.ts";

// Small age files to somebody's recipient, by themselves.
export { openFile, sealFile } from "./core/card.ts";

// The contract as types, and every operation of it as a function.
export { api, type Api, type Taken } from "./api.ts";
export type * as wire from "./contract.ts";
export { operations, type Operations } from "./contract.ts";

// A partner's program: its key, its tokens and their proofs.
export { newProgram, programKey, programKeyOf, type Program, type ProgramConfig, type ProgramKey, type ProgramRequest } from "./program.ts";
