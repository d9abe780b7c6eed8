// Package queue keeps sealed items on the disk of a partner's gateway from the
// moment a field tool is told that they are safe until the vault has them.
//
// An item is made by a Draft, which seals what is written to it while it is
// written. Nothing but ciphertext reaches the disk: file key and plaintext are in
// memory only, and a draft that is not finished is worth nothing to anybody, the
// gateway included. Commit makes one or more finished drafts durable, all or none;
// only then may the tool be told. Run brings them to the vault, one after the
// other, until each has been received or the process ends.
//
// # What lies in the folder
//
//	key           32 random bytes that name things; they open nothing
//	lock          held by the one process that works here
//	marks         32 bytes for each thing that was brought: see Mark
//	ID.sealing    a draft; worthless after a crash, and removed by Open
//	ID.age        an item: header and payload, an ordinary age file
//	ID.json       what was acknowledged together, and is not with the vault yet
//
// # Durability
//
// An .age file is flushed before its record is written; the record is flushed and
// renamed, and the folder flushed, before Commit returns. A crash before the
// rename leaves nothing that was acknowledged, and Open removes the rest; a crash
// after it leaves all of it. When the vault has an item, its mark is flushed
// first, then the record is written without it, then the file goes: a crash in
// between brings the same item under the same id once more, which the vault
// answers like the first time. The id is drawn when a draft begins, so an item is
// in the vault at most once however often it is sent.
//
// # What it keeps afterwards
//
// Of an item that the vault has received: its mark, for Keep, and nothing else.
// Without it a tool that did not hear the answer would bring everything twice.
//
// Assumes: one process a folder (it holds a lock), a disk that keeps what was
// flushed. Does not: know any tool's protocol or the vault's, retry what was refused
// more than a few times a day, or delete anything that was refused.
package queue
