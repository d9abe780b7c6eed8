// Package backup makes backups of a vault, reads them again and lets them expire.
//
// # What it promises
//
// A backup is one moment of the whole database, and the payload objects that the
// database names at that moment, as copies or by name and digest. The vault goes on
// serving. What is written is sealed to the operator's recipients on its way to the
// disk: every file that ends with .age is an ordinary age file. In the clear are only
// the manifest and the list of objects: names, sizes and digests of those files.
//
// A backup is finished from the moment its manifest is there, and not before: after a
// crash it says that it is unfinished, and Make goes on with it within a day, with the
// database that it has and the payloads that it lacks. Copies of payloads are shared by
// all backups in a folder, since payloads never change.
//
// The manifest is signed with a key of the server. Nothing of a backup is believed that
// no signature speaks for: a cut or swapped file, a manifest from another backup or
// another vault, a copy that somebody laid down, is refused before anything of it is
// written elsewhere.
//
// Prune removes what is older than the time that participants were told, the newest
// backup not excepted, and the copies that no backup names any more.
//
// # What it asks and does not do
//
// Whoever has the identity has the vault of that hour, and opens no testimony. A backup
// holds shred keys of what was erased later, until it expires: bringing it back is safe
// only with the journal of restrictions, which is not in it, and neither are the
// server's keys (docs/operate/restore.md). A folder that is copied elsewhere must have
// its deletions copied, too. A whole folder that is put back to an earlier state looks
// like one: how old a backup is, its manifest says.
//
// Source: docs/adr/0034.
package backup
