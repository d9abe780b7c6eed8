package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/exp/slog"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/turn"
)

// lockPatience is how long a request waits for another one to let go of its upload.
const lockPatience = 20 * time.Second

// tusUpload is tusd's data store, and in it the one upload that a request is about,
// for its caller. It lives as long as the request. What tusd is to know passes
// through it: the domain decides, tusd speaks.
type tusUpload struct {
	of      incoming
	turn    ending
	request *Request
	ctx     context.Context // of the request, but for its end: a line that is hung up on ends that, and what came is still to be kept and told
	sum     *checksum       // of the body, where the client says one
	header  []byte          // hash of the one that the upload was begun with, where the client says it
	body    *paced
	now     testimony.Progress // as it was last seen
	failed  error              // what the domain said, which tusd would say in words of its own
}

// incoming is what the bytes are of: a part of hers, or an item of a partner's. Each
// operation finds out whether its caller may.
type incoming interface {
	progress(ctx context.Context) (testimony.Progress, error)
	receive(ctx context.Context, in testimony.Incoming) error
	terminate(ctx context.Context) error
	// take waits until nobody else writes. letGo is called when somebody else wants to.
	take(ctx context.Context, letGo func()) (ending, error)
}

// ending is a turn that ends, or is put down for the next request.
type ending interface {
	End()
	PutDown()
}

// partUpload is an upload of a part.
type partUpload struct {
	vault  *testimony.Vault
	turns  *turn.Turns
	caller account.Caller
	part   statement.Part
}

func (p *partUpload) progress(ctx context.Context) (testimony.Progress, error) {
	return p.vault.Progress(ctx, p.caller, p.part.Testimony, p.part.N)
}

func (p *partUpload) receive(ctx context.Context, in testimony.Incoming) error {
	return p.vault.Receive(ctx, p.caller, p.part.Testimony, p.part.N, in)
}

func (p *partUpload) terminate(ctx context.Context) error {
	return p.vault.Terminate(ctx, p.caller, p.part.Testimony, p.part.N)
}

func (p *partUpload) take(ctx context.Context, letGo func()) (ending, error) {
	t, err := p.turns.Take(ctx, p.part.Testimony, p.part.N, letGo)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// run makes a handler of tusd's for this request alone, and has it answer into
// memory: nothing of one caller's can reach another's.
func (u *tusUpload) run() (*tusAnswer, error) {
	composer := handler.NewStoreComposer()
	composer.UseCore(u)
	composer.UseTerminater(u)
	composer.UseLocker(u)
	h, err := handler.NewUnroutedHandler(handler.Config{
		StoreComposer: composer, BasePath: "/", DisableConcatenation: true, DisableDownload: true,
		Cors:   &handler.CorsConfig{Disable: true},
		Logger: slog.New(silent{}), // tusd's records name uploads, addresses and paths
		// What came is saved in the domain's own time.
		GracefulRequestCompletionTimeout: time.Millisecond,
	})
	if err != nil {
		return nil, fmt.Errorf("make tus handler: %w", err)
	}
	serve := map[string]http.HandlerFunc{http.MethodPost: h.PostFile, http.MethodHead: h.HeadFile, http.MethodPatch: h.PatchFile, http.MethodDelete: h.DelFile}
	u.body = u.request.server.paced(u.request.echo)
	rec := &tusAnswer{header: http.Header{}, status: http.StatusOK, body: u.body}
	h.Middleware(serve[u.request.route.Method]).ServeHTTP(rec, u.question())
	return rec, u.refused(rec)
}

// question is the request as far as tusd needs it.
func (u *tusUpload) question() *http.Request {
	from := u.request.echo.Request()
	q := &http.Request{Method: from.Method, URL: &url.URL{Path: "/upload"}, Proto: from.Proto, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(u.body), ContentLength: from.ContentLength}
	for _, name := range []string{api.HeaderTusResumable, api.HeaderUploadOffset, api.HeaderUploadLength} {
		if v := once(from.Header, name); v != "" {
			q.Header.Set(name, v)
		}
	}
	if from.Method == http.MethodPatch {
		q.Header.Set("Content-Type", api.MediaTus)
	}
	return q.WithContext(from.Context())
}

// refused tells why tusd refused, in the words of whoever knew first: the domain,
// the line, tusd.
func (u *tusUpload) refused(rec *tusAnswer) error {
	switch {
	case rec.status < http.StatusBadRequest && u.beyond():
		return &tooLarge{u.now.Length}
	case rec.status < http.StatusBadRequest:
		return nil
	case u.failed != nil:
		u.body.rest()
		return u.failed
	case u.body.stopped.Load():
		return errInterrupted
	case u.body.failed != nil:
		return u.body.failed
	}
	return tusRefusal(rec.code(), u.now.Length)
}

// beyond tells that bytes were announced for an upload that was whole before them,
// which tusd passes over in silence.
func (u *tusUpload) beyond() bool {
	from, err := position(once(u.request.Header(), api.HeaderUploadOffset))
	return u.request.route.Method == http.MethodPatch && err == nil && from == u.now.Length && u.request.Length() > 0
}

// NewUpload implements handler.DataStore. The upload was begun before by her
// statement, so this looks whether the client means the same.
func (u *tusUpload) NewUpload(_ context.Context, info handler.FileInfo) (handler.Upload, error) {
	p, err := u.progress(u.ctx)
	if err == nil && p.Length != info.Size {
		err = u.keep(fmt.Errorf("%w: %d bytes were begun, %d are announced", testimony.ErrDigest, p.Length, info.Size))
	}
	return u, err
}

// GetUpload implements handler.DataStore.
func (u *tusUpload) GetUpload(context.Context, string) (handler.Upload, error) { return u, nil }

// GetInfo implements handler.Upload.
func (u *tusUpload) GetInfo(context.Context) (handler.FileInfo, error) {
	p, err := u.progress(u.ctx)
	return handler.FileInfo{ID: "upload", Size: p.Length, Offset: p.Received}, err
}

// WriteChunk implements handler.Upload. A line that broke looks like one that ended
// here, and what came is kept.
func (u *tusUpload) WriteChunk(_ context.Context, offset int64, body io.Reader) (int64, error) {
	in := testimony.Incoming{Offset: offset, Body: body, Length: max(0, u.request.Length()), HeaderSHA256: u.header, Hang: u.body.stop}
	if u.sum != nil {
		in.Body = io.TeeReader(body, u.sum)
		in.Verify = u.verify
	}
	err := u.keep(u.of.receive(u.ctx, in))
	p, e := u.progress(u.ctx)
	return max(0, p.Received-offset), errors.Join(err, e)
}

// verify holds the body against its checksum. Of a body that was cut off there is
// none.
func (u *tusUpload) verify() error {
	if u.body.failed != nil {
		return u.body.failed
	}
	return u.sum.check()
}

// GetReader implements handler.Upload; downloads do not go through tusd.
func (u *tusUpload) GetReader(context.Context) (io.ReadCloser, error) {
	return nil, handler.ErrNotImplemented
}

// FinishUpload implements handler.Upload. The last byte has done it.
func (u *tusUpload) FinishUpload(context.Context) error { return nil }

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (u *tusUpload) AsTerminatableUpload(handler.Upload) handler.TerminatableUpload { return u }

// NewLock implements handler.Locker.
func (u *tusUpload) NewLock(string) (handler.Lock, error) { return u, nil }

// Lock implements handler.Lock. Nobody waits for the turn at an upload, or takes it
// from somebody, who may not write to it. Whoever is to let go stops reading, and
// who reads nothing has ended in a moment.
func (u *tusUpload) Lock(context.Context, func()) (err error) {
	if _, err := u.progress(u.ctx); err != nil {
		return err
	}
	letGo := func() {}
	if u.request.route.Method == http.MethodPatch {
		letGo = u.body.stop
	}
	ctx, cancel := context.WithTimeout(u.ctx, lockPatience)
	defer cancel()
	u.turn, err = u.of.take(ctx, letGo)
	return u.keep(err)
}

// Unlock implements handler.Lock. Where the upload goes on, its next request comes
// soon.
func (u *tusUpload) Unlock() error {
	if u.request.route.Method == http.MethodDelete || u.now.Received == u.now.Length {
		u.turn.End()
	} else {
		u.turn.PutDown()
	}
	return nil
}

// Terminate implements handler.TerminatableUpload.
func (u *tusUpload) Terminate(context.Context) error {
	return u.keep(u.of.terminate(u.ctx))
}

func (u *tusUpload) progress(ctx context.Context) (testimony.Progress, error) {
	p, err := u.of.progress(ctx)
	u.now = p
	return p, u.keep(err)
}

// keep remembers the first thing that went wrong.
func (u *tusUpload) keep(err error) error {
	if u.failed == nil {
		u.failed = err
	}
	return err
}

// tusAnswer is what tusd answers, in memory. It has no line to set deadlines on:
// those are the pace's. Only that tusd wants a waiting Read to end is passed on.
type tusAnswer struct {
	header http.Header
	status int
	text   bytes.Buffer
	body   *paced
}

// Header implements http.ResponseWriter.
func (a *tusAnswer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *tusAnswer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *tusAnswer) Write(b []byte) (int, error) { return a.text.Write(b) }

// SetReadDeadline is what http.ResponseController calls.
func (a *tusAnswer) SetReadDeadline(t time.Time) error {
	if !t.After(time.Now()) {
		a.body.stop()
	}
	return nil
}

// SetWriteDeadline is what http.ResponseController calls.
func (a *tusAnswer) SetWriteDeadline(time.Time) error { return nil }

// code is the name that tusd gives its refusal.
func (a *tusAnswer) code() string {
	code, _, _ := bytes.Cut(a.text.Bytes(), []byte(":"))
	return string(code)
}

// silent is a log handler for tusd that keeps nothing.
type silent struct{}

// Enabled implements slog.Handler.
func (silent) Enabled(context.Context, slog.Level) bool { return false }

// Handle implements slog.Handler.
func (silent) Handle(context.Context, slog.Record) error { return nil }

// WithAttrs implements slog.Handler.
func (silent) WithAttrs([]slog.Attr) slog.Handler { return silent{} }

// WithGroup implements slog.Handler.
func (silent) WithGroup(string) slog.Handler { return silent{} }
