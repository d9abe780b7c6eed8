package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// Sink takes what comes out of a part. Begin is called once, before the first
// byte of content; the content is provisional until the call that was given the
// Sink has returned nil.
type Sink interface {
	Begin(info PartInfo, size int64) (io.Writer, error)
}

// SinkFunc makes a Sink of a function.
type SinkFunc func(info PartInfo, size int64) (io.Writer, error)

// Begin calls the function.
func (f SinkFunc) Begin(info PartInfo, size int64) (io.Writer, error) { return f(info, size) }

// expected is what signed statements say of a header and payload.
type expected struct {
	header  string // SHA-256
	payload envelope.Binding
	with    *SharedKey // that opens the header in place of the account's keys; nil for these
}

func expectedOf(b statement.Binding) (expected, error) {
	payload, err := statement.Hash32(b.PayloadSHA256)
	if err != nil {
		return expected{}, err
	}
	commit, err := statement.Hash32(b.Commit)
	if err != nil {
		return expected{}, err
	}
	return expected{header: b.HeaderSHA256, payload: envelope.Binding{SHA256: payload, Commit: commit, Size: b.Length}}, nil
}

// unlock opens a header only if it is the one signed for, and gives its key only
// if it is the one committed to.
func (c *Client) unlock(header []byte, want expected) (envelope.FileKey, error) {
	if api.HashOf(header).String() != want.header {
		return envelope.FileKey{}, ErrPartSwapped
	}
	var opener age.Identity = c.keys
	if want.with != nil {
		opener = want.with
	}
	key, err := envelope.OpenHeader(header, opener)
	if err != nil {
		return envelope.FileKey{}, fmt.Errorf("%w: %w", ErrOwnKeys, err)
	}
	if err := envelope.CheckCommit(key, want.payload.SHA256, want.payload.Commit); err != nil {
		key.Wipe()
		return envelope.FileKey{}, fmt.Errorf("%w: %w", ErrCommitment, err)
	}
	return key, nil
}

// openContent fetches header ‖ payload and opens it into sink against what was
// signed. Nothing that sink received counts before it returns nil.
func (c *Client) openContent(ctx context.Context, from origin, want expected, sink Sink) error {
	begun := false
	once := func() error {
		file, err := c.download(ctx, from, want)
		if err != nil {
			return err
		}
		defer file.Close()
		return c.openFile(file, want, SinkFunc(func(info PartInfo, size int64) (io.Writer, error) {
			begun = true
			return sink.Begin(info, size)
		}))
	}
	again, err := c.doubted(ctx, from, once())
	if again && !begun { // a sink takes one content
		err = once()
	}
	return err
}

// openFile opens an age file into sink against what was signed.
func (c *Client) openFile(file io.Reader, want expected, sink Sink) error {
	header, payload, err := envelope.Split(file)
	if err != nil {
		return swapped(err)
	}
	key, err := c.unlock(header, want)
	if err != nil {
		return err
	}
	defer key.Wipe()
	return openInto(sink, payload, key, want.payload)
}

// openInto decrypts in one goroutine and reads the container in another. The
// container is at its end only once the payload's digest has been found right,
// because the pipe ends only then.
func openInto(sink Sink, payload io.Reader, key envelope.FileKey, want envelope.Binding) error {
	from, to := io.Pipe()
	opened := make(chan error, 1)
	go func() {
		err := envelope.OpenPayload(to, payload, key, want)
		_ = to.CloseWithError(err) // never fails
		opened <- err
	}()
	err := contentInto(sink, from)
	_ = from.CloseWithError(errStopped) // never fails
	if openErr := <-opened; openErr != nil && !errors.Is(openErr, errStopped) {
		err = openErr
	}
	return swapped(err)
}

var errStopped = errors.New("the reader has stopped")

func contentInto(sink Sink, container io.Reader) error {
	c, err := envelope.ReadContainer(container)
	if err != nil {
		return err
	}
	dst, err := sink.Begin(c.Info, c.Size)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, c)
	return err
}

// swapped names what a failed opening means.
func swapped(err error) error {
	switch {
	case errors.Is(err, envelope.ErrCommit):
		return fmt.Errorf("%w: %w", ErrCommitment, err)
	case errors.Is(err, envelope.ErrHeader):
		return fmt.Errorf("%w: %w", ErrPartSwapped, err)
	case errors.Is(err, envelope.ErrPayload), errors.Is(err, envelope.ErrSize), errors.Is(err, envelope.ErrContainer):
		return fmt.Errorf("%w: %w", ErrPayloadSwapped, err)
	}
	return err
}

// header fetches her own header of a part.
func (c *Client) header(ctx context.Context, t api.ID, n int64) ([]byte, error) {
	resp, err := c.do(ctx, call{method: http.MethodGet, path: partPath(t, n) + "/header", signed: true, repeat: true})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, envelope.MaxHeader+1))
	if err != nil {
		return nil, fmt.Errorf("%w: the header broke off: %w", ErrUnavailable, err)
	}
	return b, nil
}
