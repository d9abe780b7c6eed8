package daemontest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// Way is how people come to a vault.
type Way struct {
	Origin string       // as they type it
	HTTP   *http.Client // nil: the plain one
	Words  string       // the file of the practice steward's words
}

// People are clients of a running vault, with its steward among them.
type People struct {
	Steward *client.Client

	way   Way
	vault api.Hash
}

// Way is how people come to a daemon that runs by itself.
func (d *Daemon) Way() Way {
	return Way{Origin: d.Origin(), Words: filepath.Join(d.cfg.Dir, "practice-steward.words")}
}

// Meet enrols the steward of a daemon's vault.
func (d *Daemon) Meet(ctx context.Context) (*People, error) { return Meet(ctx, d.Way()) }

// Meet enrols the vault's steward. The vault is the one that answers: a practice
// vault has no card to compare it with.
func Meet(ctx context.Context, way Way) (*People, error) {
	p := &People{way: way}
	if err := p.meet(ctx); err != nil {
		return nil, fmt.Errorf("meet the steward: %w", err)
	}
	return p, nil
}

func (p *People) meet(ctx context.Context) error {
	var err error
	if p.vault, err = p.way.Vault(ctx); err != nil {
		return err
	}
	words, err := os.ReadFile(p.way.Words)
	if err != nil {
		return err
	}
	secret, err := client.ParseSecret(string(words))
	if err != nil {
		return err
	}
	keys, err := client.StewardKeys(secret)
	if err != nil {
		return err
	}
	if p.Steward, err = p.Client(keys, api.Head{}); err != nil {
		return err
	}
	return p.Steward.Enrol(ctx, statement.Steward, "")
}

// Vault is the id of a practice vault, by its own word.
func (w Way) Vault(ctx context.Context) (api.Hash, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.Origin+"/v1/vault", nil)
	if err != nil {
		return api.Hash{}, err
	}
	asker := w.HTTP
	if asker == nil {
		asker = new(http.Client)
	}
	resp, err := asker.Do(req)
	if err != nil {
		return api.Hash{}, err
	}
	defer resp.Body.Close()
	var v api.Vault
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		return api.Hash{}, err
	}
	if !v.Practice {
		return api.Hash{}, errors.New("it is not a practice vault")
	}
	return v.VaultID, nil
}

// Vault is the vault's id.
func (p *People) Vault() api.Hash { return p.vault }

// Client makes a client for keys that kept a head.
func (p *People) Client(keys *client.Keys, kept api.Head) (*client.Client, error) {
	return client.New(client.Config{Server: p.way.Origin, HTTP: p.way.HTTP, Vault: p.vault, Keys: keys, Kept: kept})
}

// Keys are those of somebody new.
func (p *People) Keys() (*client.Keys, error) {
	s, err := client.NewSecret(rand.Reader)
	if err != nil {
		return nil, err
	}
	return client.KeysFor(s, p.vault)
}

// Participant enrols somebody new.
func (p *People) Participant(ctx context.Context) (*client.Client, *client.Keys, error) {
	return p.enrolled(ctx, statement.Participant)
}

// Researcher enrols somebody new whom the steward vouches for.
func (p *People) Researcher(ctx context.Context, name string) (*client.Client, *client.Keys, error) {
	c, keys, err := p.enrolled(ctx, statement.Researcher)
	if err != nil {
		return nil, nil, err
	}
	if err := c.Apply(ctx, name, "Archive of Voices", "listening"); err != nil {
		return nil, nil, err
	}
	if _, err := p.Steward.Accredit(ctx, c.Account(), 300); err != nil {
		return nil, nil, err
	}
	return c, keys, nil
}

func (p *People) enrolled(ctx context.Context, role api.Role) (*client.Client, *client.Keys, error) {
	keys, err := p.Keys()
	if err != nil {
		return nil, nil, err
	}
	c, err := p.Client(keys, api.Head{})
	if err != nil {
		return nil, nil, err
	}
	return c, keys, c.Enrol(ctx, role, "")
}
