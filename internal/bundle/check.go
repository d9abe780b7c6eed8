package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/bag"
)

// Checked is what a bundle proves by itself.
type Checked struct {
	Signed  Signed
	Tags512 bag.Sum   // of tagmanifest-sha512.txt
	Stamped time.Time // by the authority's unverified word; zero where there is no stamp
}

// Check reads all of a bundle: that it is whole, that its signature is over it and,
// where there is a stamp, that this is over it too. Errors wrap bag.ErrBroken,
// ErrSignature or ErrStamp where they are not of reading.
func Check(folder fs.FS) (*Checked, error) {
	sums, err := bag.Check(folder)
	if err != nil {
		return nil, err
	}
	out := &Checked{Tags512: sums[bag.TagManifest512]}
	text, err := read(folder, SignatureFile, maxSignature)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is none", ErrSignature)
	}
	if err != nil {
		return nil, err
	}
	signed, err := Verify(strings.TrimSuffix(string(text), "\n"), out.Tags512, sums[bag.TagManifest256])
	if err != nil {
		return nil, err
	}
	out.Signed = *signed
	der, err := read(folder, StampFile, maxReply)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	stamp, err := ParseReply(der)
	if err != nil {
		return nil, err
	}
	out.Stamped = stamp.Time
	return out, stamp.Fits(out.Tags512)
}

func read(folder fs.FS, name string, most int64) ([]byte, error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("check the bundle: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+2))
	if err != nil {
		return nil, fmt.Errorf("check the bundle: %w", err)
	}
	return b, nil
}
