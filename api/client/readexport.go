package client

import (
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canonical"
)

// Exported is what the TERMS.json of an export says that does not name who granted
// it. By itself it proves nothing: whose word it is shows only beside the
// TERMS.json of an opening, which the reader keeps.
type Exported struct {
	Vault     api.Hash
	Grant     api.ID
	Part      int64
	Terms     api.Terms
	Statement api.Hash // SHA-256 of the statement in force
	OwnWords  bool     // its plain words are this program's words for the terms
}

// ReadExported reads the terms beside an export. Anything else is an ErrTerms.
func ReadExported(r io.Reader) (*Exported, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxTerms+1))
	if err != nil {
		return nil, fmt.Errorf("read the terms: %w", err)
	}
	var t unsignedTerms
	if len(text) > maxTerms || canonical.Request(text, &t) != nil {
		return nil, fmt.Errorf("%w: they are not written as this program writes them", ErrTerms)
	}
	return &Exported{t.Vault, t.Grant, t.Part, t.Terms, t.StatementSHA256, t.Words.say(t.Terms)}, nil
}

// Match checks that the terms are those that k proves, and on which statement they
// rest.
func (e *Exported) Match(k *Kept) error {
	if e.Vault != k.Vault || e.Grant != k.Grant || e.Part != k.Part || e.Statement != k.governing || !e.Terms.Equal(k.Terms) {
		return fmt.Errorf("%w: %w", ErrTerms, errors.New("the export and the opening beside it are of different grants, parts or terms"))
	}
	return nil
}
