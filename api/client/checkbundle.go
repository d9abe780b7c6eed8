package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/bundle"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
)

// ErrBundle: a bundle that does not hold.
const ErrBundle = distrust("this bundle does not hold: do not rely on it; ask its signer for another copy")

// BundleReport is what a bundle proves offline.
type BundleReport struct {
	Vault       api.Hash
	Signer      api.Account
	Own         bool   // the signer's own testimony: nobody vouches for who that is
	Name        string // of the signer, as the stewards vouched for it on that day; empty for Own
	Institution string
	Day         int64     // of the bundle, Unix seconds, by the signer's word
	Stamped     time.Time // by an authority whose own signature openssl ts -verify checks; zero for no stamp
	SHA512      string    // of tagmanifest-sha512.txt, in hexadecimal
}

// CheckBundle checks an evidence bundle offline: that it is whole, that its signature
// is over it, and that the stewards of the vault it names vouched for its signer on
// that day. Whether it is the right vault, the caller compares; whether she has taken
// it back since, only the vault can say.
func CheckBundle(folder fs.FS) (*BundleReport, error) {
	r, err := checkBundle(folder)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	return r, nil
}

func checkBundle(folder fs.FS) (*BundleReport, error) {
	checked, err := bundle.Check(folder)
	if err != nil {
		return nil, err
	}
	signed := checked.Signed
	vault, err := api.ParseHash(signed.Vault)
	if err != nil {
		return nil, err
	}
	offline := &Client{vault: vault}
	var links api.Roster
	var record struct {
		api.Researcher
		Rekeys []string `json:"rekeys"` // of one's own
	}
	if err := errors.Join(readPaper(folder, "data/"+bundle.RosterFile, &links), readPaper(folder, "data/"+bundle.SignerFile, &record)); err != nil {
		return nil, err
	}
	s := &stewards{ever: map[api.Account]bool{}}
	for _, l := range links.Links {
		if err := s.follow(vault, roster.Link{Document: l.Document, Approvers: offline.approvers(l)}); err != nil {
			return nil, err
		}
	}
	if s.now == nil {
		return nil, ErrRosterBroken
	}
	out := &BundleReport{Vault: vault, Signer: signed.Signer, Day: signed.Day, Stamped: checked.Stamped, SHA512: checked.Tags512.SHA512}
	if record.Apply == "" {
		out.Own = true
		out.Signer, err = offline.holder(record.Key, record.Rekeys, signed.Signer)
		return out, err
	}
	who, err := offline.vet(signed.Signer, record.Researcher, s, signed.Day+statement.Day-1)
	if err != nil {
		return nil, err
	}
	out.Name, out.Institution = who.Name, who.Institution
	return out, nil
}

// holder is the account whose key signs now.
func (c *Client) holder(text string, rekeys []string, signer api.Account) (api.Account, error) {
	s, err := c.foreign(text)
	if err != nil {
		return "", err
	}
	lineage, err := statement.ReadLineage(c.vault.String(), rekeys)
	if err != nil {
		return "", err
	}
	if _, ok := s.Body.(*statement.Key); !ok || lineage.Newest(s.Issuer) != signer {
		return "", errors.New("it is signed by another key than the account's")
	}
	return s.Issuer, nil
}

// maxPaper bounds a document among the proofs, in bytes.
const maxPaper = 16 << 20

func readPaper(folder fs.FS, name string, into any) error {
	f, err := folder.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPaper+1))
	if err != nil {
		return err
	}
	if len(b) > maxPaper {
		return errors.New("a proof is too long")
	}
	return json.Unmarshal(b, into)
}

// StampBundle puts a time stamping authority's reply (RFC 3161) to the tag manifest
// of a bundle beside its signature. The bundle must hold and have no stamp, and the
// reply be over it; whether the authority is one to trust is not looked at.
func StampBundle(dir string, reply []byte) (*BundleReport, error) {
	if _, err := CheckBundle(os.DirFS(dir)); err != nil {
		return nil, err
	}
	checked, err := bundle.Check(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	if !checked.Stamped.IsZero() {
		return nil, refused("this bundle has a time stamp: nothing was changed")
	}
	stamp, err := bundle.ParseReply(reply)
	if err == nil {
		err = stamp.Fits(checked.Tags512)
	}
	if err != nil {
		return nil, refused(err.Error() + ": nothing was changed; ask for a stamp of tagmanifest-sha512.txt")
	}
	if err := beside(dir, bundle.StampFile, reply); err != nil {
		return nil, err
	}
	return CheckBundle(os.DirFS(dir))
}
