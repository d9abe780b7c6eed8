package openrosa

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
	"github.com/relatingfield/vault/internal/openrosa/openrosadb"
	"github.com/relatingfield/vault/internal/store"
)

// known is what has come of a filled form before.
type known struct {
	begun    bool     // its manifest is there
	macs     [][]byte // of the names of its files that are there
	replaces id.ID    // the submission that it corrects, where that is known
}

func (k known) has(mac []byte) bool {
	for _, m := range k.macs {
		if subtle.ConstantTimeCompare(m, mac) == 1 {
			return true
		}
	}
	return false
}

// instance is how a filled form is recognised in a collection: by a hash of the
// random id that the phone gave it.
func instance(at id.ID, instanceID string) []byte { return named("instance", string(at), instanceID) }

// submission names a filled form: the same one always alike, so that two posts that
// come at a time agree on the name that is in what they seal. Whoever does not know
// the manifest, which has a random key in it, cannot tell what it is of.
func submission(at id.ID, xml []byte) (id.ID, error) {
	return id.New(bytes.NewReader(named("submission", string(at), string(xml))))
}

// mac is how a file is recognised: by its name under a key that only whoever has the
// manifest can make. Names tell a time, and would be found by trying.
func mac(xml []byte, name string) []byte {
	h := hmac.New(sha256.New, named("names", string(xml)))
	h.Write([]byte(name))
	return h.Sum(nil)
}

// recall finds what has come of a form; ErrOther where the phone's id belongs to
// another content.
func (i *Intake) recall(ctx context.Context, tx store.Tx, at id.ID, m fieldform.Manifest, xml []byte) (k known, err error) {
	row, err := i.row(ctx, tx, at, m.InstanceID)
	if err != nil {
		return k, err
	}
	if k.begun = row.ID != ""; k.begun {
		if !bytes.Equal(row.ManifestSha256, manifestHash(xml)) {
			return k, ErrOther
		}
		if k.macs, err = q(tx).Files(ctx, row.ID); err != nil {
			return k, fmt.Errorf("list files: %w", err)
		}
	}
	if m.Replaces != "" {
		before, err := i.row(ctx, tx, at, m.Replaces)
		if err != nil {
			return k, err
		}
		k.replaces = id.ID(before.ID)
	}
	return k, nil
}

// row is that of an instance; without id where there is none.
func (i *Intake) row(ctx context.Context, tx store.Tx, at id.ID, instanceID string) (openrosadb.SubmissionRow, error) {
	row, err := q(tx).Submission(ctx, openrosadb.SubmissionParams{Tray: string(at), InstanceSha256: instance(at, instanceID), Today: i.today()})
	if errors.Is(err, sql.ErrNoRows) {
		return openrosadb.SubmissionRow{}, nil
	}
	if err != nil {
		return row, fmt.Errorf("find submission: %w", err)
	}
	return row, nil
}

func manifestHash(xml []byte) []byte { return named("manifest", string(xml)) }
