// Package storytest is a vault with the people of the main story in it: a woman,
// a researcher and a steward, each with a client of the public SDK, over real
// HTTP. Every exchange is held against the published contract.
package storytest

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// World is the people of the story.
type World struct {
	T       testing.TB
	Vault   *vaulttest.Vault
	Her     *client.Client
	HerKeys *client.Keys
	Reader  *client.Client
	Readers *client.Keys
	Steward *client.Client
}

// New enrols a woman, a researcher and a steward, and has the researcher
// accredited.
func New(t testing.TB, options ...vaulttest.Option) *World {
	t.Helper()
	w := &World{T: t, Vault: vaulttest.New(t, options...)}
	w.HerKeys, w.Readers = w.Vault.Keys(), w.Vault.Keys()
	steward, err := client.StewardKeys(w.Vault.Steward)
	w.Must(err)
	w.Her, w.Reader, w.Steward = w.Client(w.HerKeys), w.Client(w.Readers), w.Client(steward)
	w.Must(w.Her.Enrol(t.Context(), statement.Participant, ""))
	w.Must(w.Reader.Enrol(t.Context(), statement.Researcher, ""))
	w.Must(w.Steward.Enrol(t.Context(), statement.Steward, ""))
	w.Must(w.Reader.Apply(t.Context(), "Dr. Oksana Lys", "Archive of Voices", "to listen"))
	made, err := w.Steward.Accredit(t.Context(), w.Readers.ID, 300)
	w.Must(err)
	if !made.Effective {
		t.Fatal("the practice steward's word was not enough")
	}
	return w
}

// Client is a client whose every exchange is held against the contract.
func (w *World) Client(keys *client.Keys) *client.Client {
	w.T.Helper()
	return w.At(w.Vault, keys)
}

// At is Client at another node of the vault.
func (w *World) At(node *vaulttest.Vault, keys *client.Keys) *client.Client {
	w.T.Helper()
	watched := apitest.Transport(&http.Transport{DisableCompression: true}, func(err error) { w.T.Errorf("the contract: %v", err) })
	c, err := client.New(client.Config{Server: node.URL, Vault: node.ID, Keys: keys, Now: node.Clock.Now, HTTP: &http.Client{Transport: watched}})
	w.Must(err)
	return c
}

// Must ends the test on an error.
func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Testimony stores one testimony with these parts.
func (w *World) Testimony(parts ...client.Content) api.ID {
	w.T.Helper()
	t, err := w.Her.Create(w.T.Context(), client.Testimony{Title: "شهادتي", Language: "ar", Parts: parts})
	w.Must(err)
	return t
}

// Grant lets the reader open parts for a year, to keep a copy.
func (w *World) Grant(t api.ID, parts ...int64) api.ID {
	w.T.Helper()
	g, err := w.Her.Grant(w.T.Context(), client.Offer{Testimony: t, Parts: parts, To: w.Readers.ID,
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.ChathamHouse, Access: statement.Download}})
	w.Must(err)
	return g.ID
}

// Open opens a granted part with a client and gives its content.
func Open(ctx context.Context, c *client.Client, g api.ID, n int64) ([]byte, error) {
	var s sink
	if _, err := c.Open(ctx, g, n, &s); err != nil {
		return nil, err
	}
	return s.content, nil
}

// OpenOwn opens one of her own parts.
func OpenOwn(ctx context.Context, c *client.Client, t api.ID, n int64) ([]byte, error) {
	var s sink
	if err := c.OpenOwn(ctx, t, n, &s); err != nil {
		return nil, err
	}
	return s.content, nil
}

// sink keeps a part in memory.
type sink struct{ content []byte }

// Begin implements client.Sink.
func (s *sink) Begin(client.PartInfo, int64) (io.Writer, error) { return s, nil }

// Write implements io.Writer.
func (s *sink) Write(b []byte) (int, error) {
	s.content = append(s.content, b...)
	return len(b), nil
}
