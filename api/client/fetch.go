package client

import (
	"context"
	"errors"
	"io"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/partial"
)

// What is kept goes two ways. First it is fetched as it lies in the vault, sealed,
// into a partial file beside its target, and verified to its last byte while it
// comes; a program that is killed goes on there. Only then is it opened, from the
// disk. So a plaintext is never on the disk before all of it is known to be what
// was signed for, and a partial file is worth nothing to somebody without keys.

// fetch brings a part, or what is missing of it, into a partial file beside target.
// check reads the whole age file and says whether it is what was signed for.
func (c *Client) fetch(ctx context.Context, target string, from origin, want expected, check checking, watch Watch) (*partial.File, error) {
	r, err := c.remote(from, want)
	if err != nil {
		return nil, err
	}
	p, err := partial.Open(target, string(from.of), from.path+" "+r.etag)
	if err != nil {
		return nil, err
	}
	begun := r.takeUp(p)
	if !begun {
		if err := p.Empty(); err != nil {
			return nil, leave(p, err)
		}
	}
	again, err := c.doubted(ctx, from, r.into(ctx, p, check, watch))
	begun = begun || again
	if again && !errors.Is(err, ErrUntrusted) { // the line broke where something is missing
		err = r.into(ctx, p, check, watch)
	}
	if begun && errors.Is(err, ErrUntrusted) {
		// The machine lost its power while the disk had not everything: what was kept
		// may be the wrong part. What comes anew is the vault's alone.
		if err = p.Empty(); err == nil {
			err = r.into(ctx, p, check, watch)
		}
	}
	if err != nil {
		return nil, leave(p, err)
	}
	return p, nil
}

// checking reads an age file to its end.
type checking func(file io.Reader, want expected) error

// takeUp says whether there is something to go on with: the header that was signed
// for, and no more than the whole file.
func (r *remote) takeUp(p *partial.File) bool {
	header, _, err := envelope.Split(p.Reader())
	size := int64(len(header)) + r.want.payload.Size
	if err != nil || api.HashOf(header).String() != r.want.header || p.Size() > size {
		return false
	}
	r.size, r.opened = size, true
	return true
}

// into appends to p what is missing of it, and has all of it checked: from the first
// byte while it comes, so that a lie is found at once; where something was there
// already, after the rest has come. A machine that dies every minute would never get
// further if it had to read again first what it has.
func (r *remote) into(ctx context.Context, p *partial.File, check checking, watch Watch) error {
	line, kept := r.stretch(ctx, p.Size(), 0), &progress{p, r, watch}
	defer line.Close()
	if p.Size() == 0 {
		return check(io.TeeReader(line, kept), r.want)
	}
	if _, err := io.Copy(kept, line); err != nil {
		return err
	}
	return check(p.Reader(), r.want)
}

// progress writes to a partial file and tells watch how far it is.
type progress struct {
	file  *partial.File
	of    *remote
	watch Watch
}

// Write implements io.Writer.
func (p *progress) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	if p.watch != nil {
		p.watch(p.file.Size(), p.of.size)
	}
	return n, err
}

// leave ends a fetch that failed: what has come stays for the next time, unless
// there is no next time or it is not to be trusted.
func leave(p *partial.File, err error) error {
	if p.Size() == 0 || !resumable(err) {
		return errors.Join(err, p.Discard())
	}
	return errors.Join(err, p.Keep())
}

// resumable says whether what came before an error may be gone on with.
func resumable(err error) bool {
	for _, e := range []error{ErrNotFound, ErrUntrusted, ErrChanged, ErrOwnKeys, ErrViewOnly, ErrNoExport, ErrNamesLeft, ErrTermsChanged, ErrRefused} {
		if errors.Is(err, e) {
			return false
		}
	}
	return !isProblem(err, api.ProblemTermsForbidExport)
}

// HasFetched says whether something was fetched so far, into a folder, of a grant or
// of a testimony.
func HasFetched(folder string, of api.ID) bool { return partial.Has(folder, string(of)) }

// DropFetched deletes what was fetched so far, in a folder, of a grant or of a
// testimony that is not there any more, and says of how many parts.
func DropFetched(folder string, of api.ID) (int, error) { return partial.Drop(folder, "", string(of)) }
