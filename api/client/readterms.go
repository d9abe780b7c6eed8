package client

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// ErrTerms: a TERMS.json that says something else than what was signed.
const ErrTerms = distrust("these terms are not what was signed: do not rely on them; open the part again to get the right ones")

// Kept is what a TERMS.json says, by the giver's signed word.
type Kept struct {
	Vault     api.Hash
	Grant     api.ID
	From      api.Account // who granted it
	Reader    api.Account
	Testimony api.ID
	Part      int64
	Terms     api.Terms
	Day       int64 // of the grant, Unix seconds
	Changed   int64 // day on which she renewed or narrowed the terms, 0 if she did not
	Relocked  int64 // day on which the part was locked anew, 0 if it was not
	OwnWords  bool  // its plain words, if there are any, are this program's words for the terms

	header, payload string   // SHA-256, as statements spell them
	governing       api.Hash // of the statement in force
}

// maxTerms bounds a TERMS.json in bytes: two of the largest statements.
const maxTerms = 3 * statement.MaxSize

// ReadTerms verifies a TERMS.json offline: the signatures on it, and that what
// stands beside them in plain fields is what they sign. It says nothing of files
// that lie beside it, see Kept.Match, nor of the vault being the right one.
func ReadTerms(r io.Reader) (*Kept, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxTerms+1))
	if err != nil {
		return nil, fmt.Errorf("read the terms: %w", err)
	}
	k, err := readTerms(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTerms, err)
	}
	return k, nil
}

func readTerms(text []byte) (*Kept, error) {
	if len(text) > maxTerms {
		return nil, errors.New("they are too long")
	}
	var t terms
	if err := canonical.Request(text, &t); err != nil {
		return nil, errors.New("they are not written as this program writes them")
	}
	s, err := statement.Parse(t.Statement)
	if err != nil {
		return nil, err
	}
	body, ok := s.Body.(*statement.Grant)
	if !ok {
		return nil, errors.New("the statement is no grant")
	}
	lineage, from, err := author(s, t.Rekeys)
	if err != nil {
		return nil, err
	}
	inForce, changed, err := keptTerms(s, body, lineage, t.Changed)
	if err != nil {
		return nil, err
	}
	signed := terms{api.Hash{}, s.ID, from, body.Testimony, t.Part, inForce, t.Statement, t.Changed, t.Relock, t.Rekeys, t.Words}
	if signed.Vault, err = api.ParseHash(s.Vault); err != nil {
		return nil, err
	}
	// Compared as values: what a careless reader of the JSON believes must be
	// what was signed.
	if !reflect.DeepEqual(signed, t) {
		return nil, errors.New("a field differs from the statement beside it")
	}
	k := &Kept{Vault: t.Vault, Grant: t.Grant, From: t.From, Reader: body.Grantee, Testimony: t.Testimony, Part: t.Part,
		Terms: t.Terms, Day: s.IssuedAt, Changed: changed, OwnWords: t.Words.say(t.Terms), governing: governing(t.Statement, t.Changed)}
	return k, k.bind(s, lineage, t.Relock)
}

// keptTerms are the terms of the grant or, where a later statement changed them,
// of that one, with its day.
func keptTerms(grant *statement.Statement, body *statement.Grant, of *statement.Lineage, text string) (api.Terms, int64, error) {
	if text == "" {
		return body.Terms, 0, nil
	}
	s, err := statement.Parse(text)
	if err != nil {
		return api.Terms{}, 0, err
	}
	t, err := termsAnew(of, grant, s)
	return t, s.IssuedAt, err
}

// bind takes the digests of the part from the grant or, where the part has been
// locked anew, from the statement that did it.
func (k *Kept) bind(grant *statement.Statement, of *statement.Lineage, relock string) error {
	body, _ := grant.Body.(*statement.Grant)
	for _, p := range body.Parts {
		if p.N == k.Part {
			k.header, k.payload = p.HeaderSHA256, p.PayloadSHA256
		}
	}
	if k.payload == "" {
		return fmt.Errorf("the grant is not over part %d", k.Part)
	}
	if relock == "" {
		return nil
	}
	s, err := statement.Parse(relock)
	if err != nil {
		return err
	}
	b, err := bindingAnew(grant, of, k.Part, s)
	k.header, k.payload, k.Relocked = b.HeaderSHA256, b.PayloadSHA256, s.IssuedAt
	return err
}

// Match checks that an age file is the granted part: its header and its payload
// are those that were signed for.
func (k *Kept) Match(file io.Reader) error {
	header, payload, err := envelope.Split(file)
	if err != nil {
		return swapped(err)
	}
	if api.HashOf(header).String() != k.header {
		return ErrPartSwapped
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, payload); err != nil {
		return fmt.Errorf("read the payload: %w", err)
	}
	if b64(sum.Sum(nil)) != k.payload {
		return ErrPayloadSwapped
	}
	return nil
}
