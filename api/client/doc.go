// Package client is the vault's SDK for participants, researchers and stewards:
// it seals, signs and sends, and believes nothing that it cannot verify.
//
// # Whom it trusts
//
// Two things, both from the card: the secret (NewSecret, ParseSecret) and the
// vault id. From the secret come the account's keys (KeysFor), from the id the
// stewards (Roster). Everything else is held against signatures before anything
// is done on the strength of it:
//
//   - what is hers (testimonies, cards, parts, grants) against her own chain of
//     statements, verified from the first one on;
//   - who a reader is against the reader's own key statement and the voices of
//     as many stewards as the roster's threshold, over exactly that key, in its
//     term, and not suspended;
//   - a trustee against the account that she was told, which signed the key that a
//     share is sealed to; a share against its digest in her policy statement;
//   - a header against its hash in her statement, the file key against the
//     commitment, the payload against its digest while it is decrypted;
//   - an act against a receipt that proves that the vault took it.
//
// What fails is an error of its own that says what is safe and what to do next,
// and wraps ErrUntrusted. A Sink has then been given provisional content, or
// none; SaveOwn and SaveGranted leave nothing behind.
//
// # What nobody can see from here
//
// Whether the newest statements of a chain are withheld: only a head that was
// noted on another day shows it (Head, Config.Kept, KnowsHead, ErrTailCut).
// Whether a list that belongs to the vault (accredited readers, the feed's newest
// events, openings, refused attempts) is complete. What a reader does with what
// was opened.
//
// # What is made of her parts, and what leaves
//
// A copy of a part (redacted, cut, cleaned) is a part of its own, with a key of its
// own; Clean makes one of a picture or a recording. What a device knew of a capture
// is sealed in only where she chose evidence (KeepAsEvidence, OnlyListen): the vault
// cannot see it, so this client is what holds to it. Export takes a part out of the
// vault's world, without the fields that its attribution leaves out; whatever is
// saved lies beside its TERMS.json, which is written first.
//
// # Lines that break
//
// Requests are repeated where that is safe: reading, and writing under an
// idempotency key, with pauses that grow, at most six times.
//
// A large upload goes on where its line broke, as often as it takes while anything
// arrives, and from another machine too: FindUnfinished knows an earlier try by her
// own statements and by the content itself, and Resume sends what is missing. One
// key never seals two contents: a content that has changed is refused, and whatever
// the vault says of an upload that contradicts what she signed leads to a new key.
//
// A download goes on where it broke, for as long as attempts bring something; what
// is saved goes on also after the program was killed, and is kept sealed until all
// of it was found right. If the part was locked anew meanwhile, it begins anew, and
// nothing of the old bytes is used; if it was taken back, that is ErrTakenBack, and
// nothing stays. Where going on would count as another opening, Config.Again is
// asked. Play gives a recording at any place, and proves less than the Save
// functions do.
//
// After an ErrUnavailable nothing is lost; whether the last act was taken shows in
// List and Show. A client notices what another device of hers did meanwhile and
// signs on top of it.
//
// # Time
//
// Terms are counted from the vault's clock, which is told at sign-in, since the
// clocks of phones are wrong. Compare Skew with reason: a vault that lies about
// the time makes an ended accreditation look alive. One that runs behind her own
// last statement is refused (ErrClock).
//
// A Client holds keys in memory for as long as it lives and writes none of them
// anywhere. Protocol: docs/protocol.md. Errors name no content and no words.
package client
