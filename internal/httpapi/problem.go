package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"syscall"

	"github.com/labstack/echo/v4"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/clock"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/openrosa"
	"github.com/relatingfield/vault/internal/openrosa/xform"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/pause"
	"github.com/relatingfield/vault/internal/recovery"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/trust"
	"github.com/relatingfield/vault/internal/turn"
	"github.com/relatingfield/vault/internal/webhook"
)

// What is wrong with a request before any domain sees it.
var (
	errBadRequest = errors.New("the request cannot be read")
	errMedia      = errors.New("the body is of another media type, or compressed")
	errBusy       = errors.New("more is under way than the vault does at a time")
	errNoLength   = errors.New("the body does not say how long it is")

	errTusVersion  = errors.New("the request speaks another version of tus")
	errChecksum    = errors.New("the body is not that of its Upload-Checksum")
	errInterrupted = errors.New("another request writes to this upload now")
)

// cause is an error and the problem that a client is told.
type cause struct {
	is   error
	name api.ProblemName
}

// causes are looked through in order: what wraps several of them is the first.
// Everything that is not here is internal.
func causes() []cause { return slices.Concat(causesOfCallers(), causesOfDomains(), causesOfRequests()) }

// causesOfCallers say who asks, or in what order.
func causesOfCallers() []cause {
	return []cause{
		{errOver, api.ProblemVaultClosed},
		{errWinding, api.ProblemVaultClosing},
		{session.ErrNonce, api.ProblemUseDPoPNonce},
		{session.ErrRefused, api.ProblemUnauthorized},
		{session.ErrBusy, api.ProblemUnavailable},
		{idempotency.ErrKey, api.ProblemIdempotencyKeyMissing},
		{idempotency.ErrReused, api.ProblemIdempotencyKeyReused},
		{idempotency.ErrInFlight, api.ProblemIdempotencyInFlight},
		{ledger.ErrNotEnrolled, api.ProblemEnrolFirst},
		{ledger.ErrRekeyOwed, api.ProblemRekeyOwed},
		{ledger.ErrKeyUsed, api.ProblemConflict},
		{testimony.ErrRekey, api.ProblemRekeyRefused},
		{statement.ErrRefused, api.ProblemStatementRefused},
		{account.ErrNotFound, api.ProblemNotFound},
		{custody.ErrNotFound, api.ProblemNotFound},
	}
}

// causesOfDomains say why an act was refused.
func causesOfDomains() []cause {
	return []cause{
		{testimony.ErrNotEnrolled, api.ProblemEnrolFirst},
		{testimony.ErrArrivalOff, api.ProblemOnArrivalOff},
		{testimony.ErrDigest, api.ProblemDigestMismatch},
		{testimony.ErrSealed, api.ProblemSealedRefused},
		{testimony.ErrCaptured, api.ProblemSealedRefused},
		{testimony.ErrWarning, api.ProblemStatementRefused},
		{testimony.ErrLimit, api.ProblemTooLarge},
		{testimony.ErrExists, api.ProblemConflict},
		{testimony.ErrMissing, api.ProblemConflict},
		{testimony.ErrChanged, api.ProblemConflict},
		{testimony.ErrOffset, api.ProblemUploadOffset},
		{grant.ErrChanged, api.ProblemGrantsChanged},
		{grant.ErrDigest, api.ProblemDigestMismatch},
		{grant.ErrSealed, api.ProblemSealedRefused},
		{grant.ErrMix, api.ProblemSealedRefused},
		{grant.ErrNotHers, api.ProblemConflict},
		{grant.ErrUnaccredited, api.ProblemConflict},
		{grant.ErrEnded, api.ProblemConflict},
		{grant.ErrSilent, api.ProblemReaderSilent},
		{closure.ErrReplied, api.ProblemConflict},
		{grant.ErrOver, api.ProblemConflict},
		{grant.ErrLimit, api.ProblemQuota},
		{grant.ErrExport, api.ProblemTermsForbidExport},
		{account.ErrCollection, api.ProblemInCollection},
		{delivery.ErrRefused, api.ProblemNoteRefused},
		{tray.ErrOwed, api.ProblemAcknowledgementOwed},
		{tray.ErrRecipient, api.ProblemOtherRecipient},
		{tray.ErrClaim, api.ProblemClaimRefused},
		{tray.ErrNotWithdrawn, api.ProblemConflict},
		{xform.ErrRefused, api.ProblemFormRefused},
		{openrosa.ErrTerm, api.ProblemBadRequest},
		{trust.ErrSealed, api.ProblemSealedRefused},
		{trust.ErrDigest, api.ProblemDigestMismatch},
		{trust.ErrTrustee, api.ProblemConflict},
		{trust.ErrNotNow, api.ProblemConflict},
		{trust.ErrLimit, api.ProblemQuota},
	}
}

// causesOfRequests are about the request, the line and the machine.
func causesOfRequests() []cause {
	return []cause{
		{pause.ErrBusy, api.ProblemUnavailable},
	}
}

// machineCauses are those that no domain knows: the request, the disk, the database.
func machineCauses() []cause {
	return []cause{
		{blob.ErrFull, api.ProblemFull},
		{blob.ErrDamaged, api.ProblemDamaged},
		{fixity.ErrBusy, api.ProblemUnavailable},
		{store.ErrFull, api.ProblemFull},
		{blob.ErrUnavailable, api.ProblemUnavailable},
		{journal.ErrFull, api.ProblemFull},
		{journal.ErrUnwritable, api.ProblemUnavailable},
		{clock.ErrJumped, api.ProblemUnavailable},
		{syscall.EMFILE, api.ProblemUnavailable}, // of this process
		{syscall.ENFILE, api.ProblemUnavailable}, // of the machine
		{syscall.ENOMEM, api.ProblemUnavailable},
		{errNoLength, api.ProblemLengthRequired},
		{errTusVersion, api.ProblemTusVersion},
		{errChecksum, api.ProblemChecksum},
		{errInterrupted, api.ProblemUploadLocked},
		{turn.ErrTaken, api.ProblemUploadLocked},
		{account.ErrQuota, api.ProblemQuota},
		{account.ErrRefused, api.ProblemEnrolmentRefused},
		{account.ErrConflict, api.ProblemConflict},
		{errBadRequest, api.ProblemBadRequest},
		{errMedia, api.ProblemUnsupportedMediaType},
		{errOpeningOver, api.ProblemOpeningOver},
		{errSlow, api.ProblemTimeout},
		{errBusy, api.ProblemUnavailable},
		{errCrowded, api.ProblemTooMany},
		{errOften, api.ProblemTooMany},
		{errCutOff, api.ProblemBadRequest},
		{context.Canceled, api.ProblemUnavailable},
		{context.DeadlineExceeded, api.ProblemUnavailable},
		{store.ErrUnavailable, api.ProblemUnavailable},
		{echo.ErrNotFound, api.ProblemNotFound},
		{echo.ErrMethodNotAllowed, api.ProblemMethodNotAllowed},
	}
}

// webhookCauses are those of package webhook, which wrap none of the others.
func webhookCauses() []cause {
	return []cause{
		{webhook.ErrTarget, api.ProblemWebhookRefused},
		{webhook.ErrTypes, api.ProblemWebhookRefused},
		{webhook.ErrMany, api.ProblemQuota},
		{webhook.ErrRotating, api.ProblemConflict},
		{webhook.ErrLost, api.ProblemConflict},
	}
}

// recoveryCauses are those of package recovery, which wrap none of the others.
func recoveryCauses() []cause {
	return []cause{
		{recovery.ErrSealed, api.ProblemSealedRefused},
		{recovery.ErrDigest, api.ProblemDigestMismatch},
		{recovery.ErrTrustee, api.ProblemConflict},
		{recovery.ErrClaims, api.ProblemQuota},
	}
}

// problemOf is the only place where an error becomes something for a client.
func problemOf(err error) api.Problem {
	var order *ledger.OutOfOrder
	var large *tooLarge
	var quota *account.Quota
	var beyond *outOfRange
	var scope *noScope
	var often *partner.Exceeded
	switch {
	case errors.As(err, &often):
		return api.Problem{Type: api.ProblemTooMany.Type()}
	case errors.As(err, &scope):
		return api.Problem{Type: api.ProblemScope.Type(), Scope: scope.scope}
	case errors.As(err, &beyond):
		return api.Problem{Type: api.ProblemRange.Type(), Limit: beyond.size}
	case errors.As(err, &order):
		head := &api.Head{Seq: order.Head.Seq, SHA256: order.Head.Hash}
		return api.Problem{Type: api.ProblemChainConflict.Type(), Head: head}
	case errors.As(err, &large):
		return api.Problem{Type: api.ProblemTooLarge.Type(), Limit: large.limit}
	case errors.As(err, &quota):
		return api.Problem{Type: api.ProblemQuota.Type(), Limit: quota.Limit}
	}
	for _, c := range slices.Concat(causes(), recoveryCauses(), webhookCauses(), machineCauses()) {
		if errors.Is(err, c.is) {
			return api.Problem{Type: c.name.Type()}
		}
	}
	return api.Problem{Type: api.ProblemInternal.Type()}
}

// fail answers with the problem that err is.
func (s *Server) fail(err error, c echo.Context) {
	if isPhones(c) {
		s.failPhone(err, c)
		return
	}
	p := problemOf(err)
	name := p.Name()
	language := languageOf(c.Request().Header.Get("Accept-Language"))
	said := s.words[language][name]
	p.Title, p.Detail, p.Status = said.Title, said.Detail, name.Status()
	s.noteFailure(err, c, name)

	h := c.Response().Header()
	h.Set("Content-Language", language)
	h.Set("Vary", "Accept-Language")
	switch name {
	case api.ProblemRange:
		h.Set("Content-Range", "bytes */"+strconv.FormatInt(p.Limit, 10))
	case api.ProblemUnauthorized:
		h.Set("WWW-Authenticate", `DPoP algs="ES256"`)
	case api.ProblemUseDPoPNonce:
		h.Set("WWW-Authenticate", `DPoP error="use_dpop_nonce", algs="ES256"`)
	case api.ProblemScope:
		h.Set("WWW-Authenticate", `DPoP error="insufficient_scope", scope="`+string(p.Scope)+`", algs="ES256"`)
	case api.ProblemTimeout:
		h.Set("Connection", "close")
	case api.ProblemTusVersion:
		h.Set(api.HeaderTusVersion, api.TusVersion)
	case api.ProblemUploadLocked, api.ProblemUnavailable, api.ProblemDamaged, api.ProblemTooMany, api.ProblemIdempotencyInFlight:
		h.Set("Retry-After", "1")
	}
	sayExceeded(h, err)
	body, err := encode(p)
	if err != nil {
		s.deps.Log.Error("encode problem", "cause", err)
		body = nil
	}
	s.send(c, p.Status, api.MediaProblem, body)
}

// noteFailure logs what an operator has to look into. The text of such an error
// comes from the vault and its database, never from a request.
func (s *Server) noteFailure(err error, c echo.Context, name api.ProblemName) {
	if name == api.ProblemInternal || name == api.ProblemUnavailable && c.Request().Context().Err() == nil {
		s.deps.Log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed", slog.String("route", routeOf(c)),
			slog.Any("cause", err), slog.Any("request_id", c.Get(requestKey)))
	}
}
