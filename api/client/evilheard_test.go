package client_test

import (
	"context"
	"errors"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

const grantsRoute = "GET /v1/testimonies/{t}/grants"

// That she was heard is the reader's signed word about this grant, and no vault can
// make one up, take another's, or alter it.
func TestNobodyButTheReaderTellsHerThatSheWasHeard(t *testing.T) {
	s := newScene(t)
	ctx := context.Background()
	if err := openGranted(s); err != nil {
		t.Fatal(err)
	}
	if err := s.reader.Hear(ctx, s.grant, statement.WithCare); err != nil {
		t.Fatal(err)
	}
	heard := func() (string, error) {
		grants, err := fresh(s).Grants(ctx, s.tid)
		if err != nil {
			return "", err
		}
		return grants[0].Heard, nil
	}
	var said string
	clienttest.Lie(s.Vault, grantsRoute, func(a *api.Grants) { said = a.Grants[0].Heard })
	if word, err := heard(); err != nil || word != statement.WithCare {
		t.Fatalf("%q, %v", word, err)
	}
	for name, forged := range map[string]string{
		"somebody else's":     signed(t, s, s.Keys(t), statement.Reply{Grant: s.grant, Reply: statement.Heard}),
		"her own":             signed(t, s, s.keys, statement.Reply{Grant: s.grant, Reply: statement.Heard}),
		"altered":             flip(said),
		"no statement":        "heard",
		"of another kind":     "",
		"an answer to an end": signed(t, s, s.keys, statement.Reply{Grant: s.grant, Reply: statement.Acknowledged}),
	} {
		clienttest.Lie(s.Vault, grantsRoute, func(a *api.Grants) {
			if a.Grants[0].Heard = forged; forged == "" {
				a.Grants[0].Heard = a.Grants[0].Statement
			}
		})
		if word, err := heard(); !errors.Is(err, client.ErrReplyForged) || word != "" {
			t.Errorf("%s: %q, %v", name, word, err)
		}
	}
}
