package api

import (
	"fmt"
	"net/http"
	"strings"
)

// ProblemName is the last element of a problem's type.
type ProblemName string

// The problems, as in docs/protocol.md section 6.
const (
	ProblemBadRequest            ProblemName = "bad-request"
	ProblemIdempotencyKeyMissing ProblemName = "idempotency-key-missing"
	ProblemUnauthorized          ProblemName = "unauthorized"
	ProblemUseDPoPNonce          ProblemName = "use-dpop-nonce"
	ProblemEnrolFirst            ProblemName = "enrol-first"
	ProblemQuota                 ProblemName = "quota"
	ProblemOnArrivalOff          ProblemName = "on-arrival-off"
	ProblemEnrolmentRefused      ProblemName = "enrolment-refused"
	ProblemRekeyRefused          ProblemName = "rekey-refused"
	ProblemScope                 ProblemName = "insufficient-scope"
	ProblemWebhookRefused        ProblemName = "webhook-refused"
	ProblemTermsForbidExport     ProblemName = "terms-forbid-export"
	ProblemInCollection          ProblemName = "in-collection"
	ProblemNotFound              ProblemName = "not-found"
	ProblemMethodNotAllowed      ProblemName = "method-not-allowed"
	ProblemTimeout               ProblemName = "timeout"
	ProblemConflict              ProblemName = "conflict"
	ProblemChainConflict         ProblemName = "chain-conflict"
	ProblemIdempotencyInFlight   ProblemName = "idempotency-in-flight"
	ProblemGrantsChanged         ProblemName = "grants-changed"
	ProblemReaderSilent          ProblemName = "reader-silent"
	ProblemAcknowledgementOwed   ProblemName = "acknowledgement-owed"
	ProblemOpeningOver           ProblemName = "opening-over"
	ProblemVaultClosing          ProblemName = "vault-closing"
	ProblemVaultClosed           ProblemName = "vault-closed"
	ProblemRekeyOwed             ProblemName = "rekey-owed"
	ProblemUploadOffset          ProblemName = "upload-offset"
	ProblemLengthRequired        ProblemName = "length-required"
	ProblemTusVersion            ProblemName = "tus-version"
	ProblemTooLarge              ProblemName = "too-large"
	ProblemUnsupportedMediaType  ProblemName = "unsupported-media-type"
	ProblemRange                 ProblemName = "range"
	ProblemStatementRefused      ProblemName = "statement-refused"
	ProblemFormRefused           ProblemName = "form-refused"
	ProblemSealedRefused         ProblemName = "sealed-refused"
	ProblemDigestMismatch        ProblemName = "digest-mismatch"
	ProblemNoteRefused           ProblemName = "note-refused"
	ProblemOtherRecipient        ProblemName = "other-recipient"
	ProblemClaimRefused          ProblemName = "claim-refused"
	ProblemIdempotencyKeyReused  ProblemName = "idempotency-key-reused"
	ProblemUploadLocked          ProblemName = "upload-locked"
	ProblemTooMany               ProblemName = "too-many"
	ProblemChecksum              ProblemName = "checksum"
	ProblemInternal              ProblemName = "internal"
	ProblemUnavailable           ProblemName = "unavailable"
	ProblemDamaged               ProblemName = "damaged"
	ProblemFull                  ProblemName = "full"
)

// StatusChecksumMismatch is tus's own: the bytes are not those of Upload-Checksum.
const StatusChecksumMismatch = 460

const problemPrefix = "urn:testimony-vault:problem:"

// Type is the URI of the problem.
func (n ProblemName) Type() string { return problemPrefix + string(n) }

// Status is the HTTP status that goes with the problem.
func (n ProblemName) Status() int {
	switch n {
	case ProblemBadRequest, ProblemIdempotencyKeyMissing:
		return http.StatusBadRequest
	case ProblemUnauthorized, ProblemUseDPoPNonce:
		return http.StatusUnauthorized
	case ProblemEnrolFirst, ProblemQuota, ProblemOnArrivalOff, ProblemEnrolmentRefused, ProblemTermsForbidExport, ProblemRekeyRefused, ProblemInCollection, ProblemScope:
		return http.StatusForbidden
	case ProblemNotFound:
		return http.StatusNotFound
	case ProblemMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case ProblemTimeout:
		return http.StatusRequestTimeout
	case ProblemConflict, ProblemChainConflict, ProblemIdempotencyInFlight, ProblemGrantsChanged, ProblemReaderSilent, ProblemOpeningOver, ProblemRekeyOwed,
		ProblemUploadOffset, ProblemAcknowledgementOwed:
		return http.StatusConflict
	case ProblemVaultClosing, ProblemVaultClosed:
		return http.StatusGone
	case ProblemLengthRequired:
		return http.StatusLengthRequired
	case ProblemTusVersion:
		return http.StatusPreconditionFailed
	case ProblemTooLarge:
		return http.StatusRequestEntityTooLarge
	case ProblemUnsupportedMediaType:
		return http.StatusUnsupportedMediaType
	case ProblemRange:
		return http.StatusRequestedRangeNotSatisfiable
	case ProblemStatementRefused, ProblemFormRefused, ProblemSealedRefused, ProblemDigestMismatch, ProblemIdempotencyKeyReused, ProblemNoteRefused, ProblemOtherRecipient, ProblemClaimRefused, ProblemWebhookRefused:
		return http.StatusUnprocessableEntity
	case ProblemUploadLocked:
		return http.StatusLocked
	case ProblemChecksum:
		return StatusChecksumMismatch
	case ProblemTooMany:
		return http.StatusTooManyRequests
	case ProblemUnavailable, ProblemDamaged:
		return http.StatusServiceUnavailable
	case ProblemFull:
		return http.StatusInsufficientStorage
	}
	return http.StatusInternalServerError
}

// Problem is an answer of type application/problem+json (RFC 9457).
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"` // in the caller's language
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"` // what is safe, and what to do next
	Head   *Head  `json:"head,omitempty"`   // of chain-conflict: where the chain stands
	Limit  int64  `json:"limit,omitzero"`   // of too-large and quota: the most there may be; of range: the length
	Scope  Scope  `json:"scope,omitempty"`  // of insufficient-scope: what the token would have to have
}

// Name is the problem's name, empty for one that is not the vault's.
func (p *Problem) Name() ProblemName {
	name, ok := strings.CutPrefix(p.Type, problemPrefix)
	if !ok {
		return ""
	}
	return ProblemName(name)
}

// Error implements error.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("the vault answered: %s (%d)", p.Title, p.Status)
	}
	return fmt.Sprintf("the vault answered: %s (%d): %s", p.Title, p.Status, p.Detail)
}
