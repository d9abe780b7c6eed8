package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
)

// AgeFile is the name of a part that is kept sealed, as the stock age program
// reads it.
const AgeFile = "part.age"

// SaveGrantedAge is SaveGranted for a reader who opens with other tools: the new
// folder dir gets the part as one age file, and TERMS.json. It is an opening like
// any other. The header, its key's commitment and the payload's digest are
// verified, so whatever opens the file sees what she signed for; stock age checks
// none of these by itself.
func (c *Client) SaveGrantedAge(ctx context.Context, grant api.ID, n int64, dir string, watch Watch) (*Received, error) {
	var r *Received
	err := intoFolder(dir, func(f *folder) (err error) {
		if r, err = c.grantedToKeep(ctx, grant); err != nil {
			return err
		}
		if err := f.writeJSON(TermsFile, c.termsOf(r, n)); err != nil { // first, see SaveGranted
			return err
		}
		return c.fetchSealed(ctx, r, n, f, watch)
	})
	if err != nil {
		return nil, fmt.Errorf("save part %d: %w", n, err)
	}
	return r, nil
}

func (c *Client) fetchSealed(ctx context.Context, r *Received, n int64, f *folder, watch Watch) error {
	want, path, err := c.wanted(ctx, r, n)
	if err != nil {
		return err
	}
	defer want.forget()
	file, err := c.download(ctx, path)
	if err != nil {
		return err
	}
	defer file.Close()
	header, payload, err := envelope.Split(file)
	if err != nil {
		return swapped(err)
	}
	key, err := c.unlock(header, want)
	if err != nil {
		return err
	}
	key.Wipe()
	if f.file, err = os.OpenFile(filepath.Join(f.path, AgeFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return err
	}
	whole := &counter{f.file, watch, 0, int64(len(header)) + want.payload.Size}
	if _, err := whole.Write(header); err != nil {
		return err
	}
	return copySealed(whole, payload, want.payload)
}

// copySealed copies a payload if it is the one that was signed for, and at most
// a byte more.
func copySealed(dst io.Writer, payload io.Reader, want envelope.Binding) error {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(dst, sum), io.LimitReader(payload, want.Size+1))
	if err != nil {
		return err
	}
	if n != want.Size || [sha256.Size]byte(sum.Sum(nil)) != want.SHA256 {
		return fmt.Errorf("%w: %w", ErrPayloadSwapped, errors.New("its digest or length is another"))
	}
	return nil
}
