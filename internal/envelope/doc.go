// Package envelope seals testimonies in age files whose header and payload are
// kept apart: one ciphertext, many keyholes.
//
// An age file (age-encryption.org/v1, c2sp.org/age) is a header, which wraps a
// 16-byte file key to a recipient, followed by a payload, which is sealed under
// that key. Here the payload is written once and each reader has a header of
// her own; header ‖ payload is an ordinary age file that the stock program
// opens. Granting composes a header, revoking destroys one, and neither touches
// the payload.
//
// # What it promises
//
//   - Every header it composes or accepts has exactly one stanza, for a
//     post-quantum hybrid (mlkem768x25519) or a classic (X25519) recipient, in
//     exactly one spelling. ParseHeader and CheckCard decide that without keys.
//   - Seal writes what age's own STREAM writes for the same key, nonce and
//     plaintext, whatever the number of workers, in memory that does not grow
//     with the plaintext. SealFrom writes the rest of it, from any byte on, and
//     only of a plaintext that is compared with what was read before.
//   - OpenPayload returns nil only for exactly the bytes whose digest was
//     asked for, under the one file key that was committed to. age alone does
//     not promise the second: its payloads can be made to open under two keys.
//   - What is inside a container or a card has one encoding; anything else is
//     refused, and the size of a container tells its content's size only by
//     class.
//
// # What it assumes
//
// The random source is cryptographically secure. A file key seals one payload,
// never a second one: NewFileKey for each; it may seal the same one again
// (DeriveNonce has the argument). The digest and the commitment that a
// payload is opened against come from a statement whose signature the caller
// has verified; age has no sender authentication and neither has this package.
//
// # What it does not do
//
// It stores nothing, knows no accounts and asks for no permission. It does not
// decide whether a payload may have classic headers: one classic header makes
// the whole payload classic, so whoever adds headers compares HeaderInfo.PQ
// with what the testimony allows, on the client and on the server.
//
// # Why a payload may have many headers
//
// The file key enters three derivations with separate labels: "header" for the
// MAC over a header, "payload" with the nonce as salt for the payload key, and
// the wrapping, where it is the plaintext. A second header wraps the same key
// to another recipient with fresh randomness, and is authenticated by the same
// MAC key over other text, which is what a MAC is for. No payload key and no
// payload nonce is used again, because nothing is sealed. What a reader who
// holds the file key can do is what any reader of any age file can do: pass
// the key on. That is why grants carry terms, and why a re-lock makes a new key.
package envelope
