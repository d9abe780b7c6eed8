// Package api is the vault's REST contract in Go: one type for every request
// and answer of docs/protocol.md section 5, in JSON as they travel.
//
// The server and the client are built from the same types, so neither can drift
// from the other; api/openapi.yaml says the same to every other language.
//
// What holds: byte fields have one spelling (base64url without padding, strict),
// hashes are exactly 32 bytes, and a value that decodes encodes to itself. What
// does not: that anything in an answer is true. A vault's answer is a claim;
// package client checks it against signatures before it acts.
//
// Times are Unix seconds. A field named day holds the first second of a UTC day,
// because the hour of a participant's act is nobody's business.
package api

import (
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// ID names a testimony, grant or opening: 26 characters of a-z and 2-7, 128
// random bits.
type ID = id.ID

// Account names an account: the RFC 7638 thumbprint of its Ed25519 key, 43
// characters.
type Account = id.Thumbprint

// Role is what an account is: participant, researcher, steward or partner.
type Role = statement.Role

// Terms are what a reader owes the person who grants; docs/consent.md explains
// each word.
type Terms = statement.Terms

// Access says whether a reader may keep a copy: view or download. View is a
// promise of the reader's; no vault can enforce it.
type Access = statement.Access

// Media types of the vault.
const (
	MediaJSON    = "application/json"
	MediaProblem = "application/problem+json"
	MediaBytes   = "application/octet-stream"
	MediaSchema  = "application/schema+json"
	MediaTus     = "application/offset+octet-stream" // the next bytes of an upload
)

// Header names that are the vault's own or that Go has no constant for.
const (
	HeaderIdempotencyKey  = "Idempotency-Key"     // a quoted string, RFC 8941
	HeaderDPoP            = "DPoP"                // RFC 9449
	HeaderDPoPNonce       = "DPoP-Nonce"          // RFC 9449, in every answer
	HeaderStatement       = "Testimony-Statement" // a received statement beside a plaintext body
	HeaderPart            = "Testimony-Part"      // base64url of a PartInfo
	HeaderRateLimit       = "RateLimit"           // draft-ietf-httpapi-ratelimit-headers, to partners' programs
	HeaderRateLimitPolicy = "RateLimit-Policy"    // the same
	HeaderOpening         = "Testimony-Opening"   // OpeningGoesOn, of a reader who takes an opening up again
)

// OpeningGoesOn in HeaderOpening asks for bytes only as long as that counts as no
// further read.
const OpeningGoesOn = "goes-on"

// TusVersion is the version of tus (https://tus.io/protocols/resumable-upload)
// that uploads speak, and TusExtensions what the vault has of its extensions.
const (
	TusVersion    = "1.0.0"
	TusExtensions = "creation,expiration,termination,checksum"
	TusChecksums  = "sha1,sha256"
)

// Headers of tus, and the digest of a whole representation.
const (
	HeaderTusResumable   = "Tus-Resumable"
	HeaderTusVersion     = "Tus-Version"
	HeaderTusExtension   = "Tus-Extension"
	HeaderTusMaxSize     = "Tus-Max-Size"
	HeaderTusChecksums   = "Tus-Checksum-Algorithm"
	HeaderUploadOffset   = "Upload-Offset"
	HeaderUploadLength   = "Upload-Length"
	HeaderUploadExpires  = "Upload-Expires"
	HeaderUploadChecksum = "Upload-Checksum"
	HeaderReprDigest     = "Repr-Digest" // RFC 9530

	// HeaderUploadHeader is not of tus: a Hash of her header, which tells the
	// uploads that are begun under one number apart.
	HeaderUploadHeader = "Upload-Header-SHA256"
)

// SchemeDPoP is the authorization scheme of access tokens.
const SchemeDPoP = "DPoP"
