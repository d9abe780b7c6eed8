package app

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/internal/keyring"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/store"
)

// practiceWords is the file, in the data folder, with the words of the one
// steward of a practice vault.
const practiceWords = "practice-steward.words"

// Founding says who will guard a vault.
type Founding struct {
	Stewards  []string // NAME=KEY, the key an Ed25519 public key in base64url
	Threshold int      // how many of them must agree
	Practice  bool     // instead: one steward, whose words lie beside the data
	IfMissing bool     // a vault that is founded already is fine as it is
}

// Founded is what a person can be told about a founding.
type Founded struct {
	Vault    string
	Practice bool
	Words    string // file of the practice steward's words; empty if there is none
	New      bool
}

// Found makes the founding roster, and with it the vault's id. There is no second
// founding: stewardship.ErrFounded.
func (a *App) Found(ctx context.Context, f Founding) (Founded, error) {
	db, err := a.open(ctx, true)
	if err != nil {
		return Founded{}, fmt.Errorf("found: %w", err)
	}
	out, err := a.found(ctx, &stewardship.Book{DB: db}, f)
	if err = errors.Join(err, db.Close()); err != nil {
		return Founded{}, fmt.Errorf("found: %w", err)
	}
	return out, nil
}

func (a *App) found(ctx context.Context, book *stewardship.Book, f Founding) (Founded, error) {
	var out Founded
	name, err := book.Vault(ctx)
	switch {
	case err == nil && !f.IfMissing:
		return out, stewardship.ErrFounded
	case errors.Is(err, stewardship.ErrNotFounded):
		out.New = true
		if name, err = a.foundNew(ctx, book, f); err != nil {
			return out, err
		}
	case err != nil:
		return out, err
	}
	out.Vault = name.String()
	if out.Practice, err = isPractice(ctx, book); err != nil {
		return out, err
	}
	if f.Practice && !out.Practice {
		return out, errors.New("this vault is not for practice: choose another data_dir for a practice vault")
	}
	if _, err := os.Stat(a.wordsFile()); out.Practice && err == nil {
		out.Words = a.wordsFile()
	}
	return out, nil
}

func isPractice(ctx context.Context, book *stewardship.Book) (practice bool, err error) {
	err = book.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		current, err := book.Current(ctx, tx)
		if err == nil {
			practice = current.Practice()
		}
		return err
	})
	return practice, err
}

func (a *App) foundNew(ctx context.Context, book *stewardship.Book, f Founding) (roster.VaultID, error) {
	terms, err := a.terms(f)
	if err != nil {
		return roster.VaultID{}, err
	}
	document, err := roster.Found(a.Rand, a.Now(), f.Practice, terms)
	if err != nil {
		return roster.VaultID{}, err
	}
	return roster.ID(document), book.Found(ctx, document)
}

func (a *App) terms(f Founding) (roster.Terms, error) {
	if f.Practice {
		s, err := a.practiceSteward()
		return roster.Terms{Threshold: 1, Stewards: []roster.Steward{s}}, err
	}
	terms := roster.Terms{Threshold: f.Threshold}
	for _, text := range f.Stewards {
		s, err := steward(text)
		if err != nil {
			return terms, fmt.Errorf("steward %q: %w", text, err)
		}
		terms.Stewards = append(terms.Stewards, s)
	}
	return terms, nil
}

// steward reads NAME=KEY.
func steward(text string) (roster.Steward, error) {
	at := strings.LastIndexByte(text, '=')
	if at < 0 {
		return roster.Steward{}, errors.New("write it as NAME=KEY; the key is what `testimony steward key` shows")
	}
	key, err := base64.RawURLEncoding.Strict().DecodeString(text[at+1:])
	if err != nil {
		return roster.Steward{}, errors.New("the key is not base64url")
	}
	return roster.NewSteward(text[:at], key)
}

func (a *App) wordsFile() string { return filepath.Join(a.Config.DataDir, practiceWords) }

// practiceSteward takes the words of a founding that was interrupted, or makes
// new ones. They are on disk before the vault exists, so there is never a vault
// whose steward nobody can be.
func (a *App) practiceSteward() (roster.Steward, error) {
	s, err := a.readWords()
	if errors.Is(err, fs.ErrNotExist) {
		s, err = a.makeWords()
	}
	if err != nil {
		return roster.Steward{}, fmt.Errorf("practice steward: %w", err)
	}
	keys, err := keyring.DeriveSteward(s)
	if err != nil {
		return roster.Steward{}, fmt.Errorf("practice steward: %w", err)
	}
	return roster.NewSteward("Practice steward", keys.Public().(ed25519.PublicKey))
}

func (a *App) readWords() (phrase.Secret, error) {
	b, err := os.ReadFile(a.wordsFile())
	if err != nil {
		return phrase.Secret{}, err
	}
	defer clear(b)
	return phrase.Parse(string(b))
}

func (a *App) makeWords() (phrase.Secret, error) {
	s, err := phrase.New(a.Rand)
	if err != nil {
		return s, err
	}
	if err := os.MkdirAll(a.Config.DataDir, 0o700); err != nil {
		return s, err
	}
	words := secret.Of([]byte(strings.Join(phrase.Words(s, phrase.English), " ") + "\n"))
	return s, writeOnce(a.wordsFile(), words.Reveal())
}

// writeOnce makes a private file whole or not at all.
func writeOnce(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
