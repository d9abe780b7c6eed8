package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/partial"
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
	r, find := c.toKeep(ctx, grant, n)
	err := c.save(ctx, saving{dir: dir, of: grant, find: find, check: c.holds, watch: watch, put: func(f *folder, sealed *partial.File, _ expected) error {
		if err := f.writeJSON(TermsFile, c.termsOf(*r, n)); err != nil { // first, see SaveGranted
			return err
		}
		return sealed.MoveTo(filepath.Join(f.path, AgeFile))
	}})
	if err != nil {
		return nil, fmt.Errorf("save part %d: %w", n, err)
	}
	return *r, nil
}

// holds checks that an age file is the one that was signed for, without opening
// more of it than its key.
func (c *Client) holds(file io.Reader, want expected) error { return c.sealed(io.Discard, file, want) }

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
