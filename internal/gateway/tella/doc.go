// Package tella takes the reports that Tella sends from phones, as Tella Web does.
//
// What the app sends, read from its source (Tella-Android, data/reports):
//
//	POST login/                        {username, password}    → access_token, version
//	GET  p/SLUG                                                → id, name, slug of a project
//	POST project/ID                    {title, description}    → id of the report
//	HEAD file/REPORT/NAME                                      → header size: bytes held
//	PUT  file/v2/REPORT/NAME           Content-Range           → 206, at the end 201
//	PUT  file/REPORT/NAME, then POST   (before 1.4.0, and iOS) → 200
//
// The app signs in once and keeps the token for ever, so tokens are derived from
// the password and not remembered. It takes a file for safe when HEAD answers its
// whole size, so HEAD says that only of files that lie sealed and flushed on the
// disk. After a 206 its next chunk begins with the last byte of the one before;
// a 206 to the last chunk would have it send that byte for ever.
//
// # When a line or the gateway breaks
//
// A file is sealed while it comes; its file key is in memory only. When the line
// breaks, the app asks HEAD and goes on there. When the gateway ends in the middle of
// a file, what had come of it is worthless and removed, HEAD answers 0, and the app
// begins that file anew: the price for no plaintext on the disk, and no key.
//
// Report ids are authentic by themselves, so that a phone that comes back after
// weeks with the rest of a report is known without anything having been kept.
//
// Does not: tell the vault which items were one report. Their sealed names do.
package tella
