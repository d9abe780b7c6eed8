package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/samples"
	"github.com/relatingfield/vault/internal/statement"
)

// world is everybody in the sandbox.
type world struct {
	*vault
	ctx context.Context
	dir string

	people   []person
	partners []partner
	readers  []api.Account
	given    []given
}

// person is somebody with words.
type person struct {
	name, role, language string
	account              api.Account
	words                string // the file
	client               *client.Client
}

// partner is an organisation and its program.
type partner struct {
	name        string
	id, program api.ID
	key         string // the file
}

// given is a testimony, and the grant that lets a researcher open a part of it.
type given struct {
	her              person
	testimony, grant api.ID
}

// term is how long everything here would last.
const term = 365 * 24 * time.Hour

// fill makes everybody, in the order in which they need each other.
func (w *world) fill() error {
	for _, step := range []func() error{w.guard, w.research, w.join, w.tell} {
		if err := step(); err != nil {
			return fmt.Errorf("fill the sandbox: %w", err)
		}
	}
	return nil
}

func (w *world) connect(cfg client.Config) (*client.Client, error) {
	cfg.Server, cfg.Vault = w.origin, w.id
	return client.New(cfg)
}

// person makes keys, writes the words to a file, and enrols.
func (w *world) person(name, language string, role api.Role, invitation string) (person, error) {
	s, err := client.NewSecret(rand.Reader)
	if err != nil {
		return person{}, err
	}
	return w.somebody(person{name: name, role: string(role), language: language}, s, role, invitation)
}

func (w *world) somebody(p person, s client.Secret, role api.Role, invitation string) (person, error) {
	keys, err := client.KeysFor(s, w.id)
	if role == statement.Steward {
		keys, err = client.StewardKeys(s)
	}
	if err != nil {
		return p, err
	}
	if p.client, err = w.connect(client.Config{Keys: keys}); err != nil {
		return p, err
	}
	p.words = filepath.Join(w.dir, p.name+".words")
	if err := os.WriteFile(p.words, []byte(client.Digits(s)+"\n"), 0o600); err != nil {
		return p, err
	}
	if err := p.client.Enrol(w.ctx, role, invitation); err != nil {
		return p, fmt.Errorf("%s: %w", p.name, err)
	}
	p.account = p.client.Account()
	w.people = append(w.people, p)
	return p, nil
}

func (w *world) guard() error {
	_, err := w.somebody(person{name: "steward", role: string(statement.Steward), language: "en"}, w.steward, statement.Steward, "")
	return err
}

func (w *world) stewards() *client.Client { return w.people[0].client }

// research makes two researchers who have been vouched for, and one who waits.
func (w *world) research() error {
	for i, name := range []string{"researcher-leila", "researcher-oksana", "researcher-waiting"} {
		p, err := w.person(name, "en", statement.Researcher, "")
		if err != nil {
			return err
		}
		if err := p.client.Apply(w.ctx, "Dr. Sandbox "+name[len("researcher-"):], "Institute of Synthetic Memory", "to try the API with nobody's story"); err != nil {
			return err
		}
		if i == 2 {
			break
		}
		if _, err := w.stewards().Accredit(w.ctx, p.account, 300); err != nil {
			return err
		}
		w.readers = append(w.readers, p.account)
	}
	return nil
}

// join makes two partners with two officers and one program each.
func (w *world) join() error {
	for i, name := range []string{"Synthetic Sisters", "Nobody's Archive"} {
		if err := w.partner(fmt.Sprintf("partner-%d", i+1), name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (w *world) partner(file, name string) error {
	var officers []person
	for _, n := range []string{"a", "b"} {
		inv, err := w.stewards().Invite(w.ctx, statement.Partner)
		if err != nil {
			return err
		}
		p, err := w.person(file+"-officer-"+n, "en", statement.Partner, inv.Invitation)
		if err != nil {
			return err
		}
		officers = append(officers, p)
	}
	ids := [2]api.ID{}
	for i := range ids {
		var err error
		if ids[i], err = id.New(rand.Reader); err != nil {
			return err
		}
	}
	now := time.Now()
	_, err := w.stewards().AgreeWith(w.ctx, client.Agreement{
		Partner: ids[0], Name: name, Officers: []api.Account{officers[0].account, officers[1].account}, Scopes: statement.Scopes(), From: now.Unix(), Until: now.Add(term).Unix()})
	if err != nil {
		return err
	}
	p := partner{name: name, id: ids[0], program: ids[1], key: filepath.Join(w.dir, file+".key")}
	jwk, err := p.makeKey()
	if err != nil {
		return err
	}
	for _, o := range officers {
		_, err := o.client.Register(w.ctx, client.Registration{Partner: p.id, Client: p.program, JWK: jwk, Scopes: statement.Scopes(), From: now.Unix(), Until: now.Add(term - time.Hour).Unix()})
		if err != nil {
			return err
		}
	}
	w.partners = append(w.partners, p)
	return nil
}

// makeKey writes the program's private key to its file and gives the public half.
func (p partner) makeKey() (api.JWK, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return api.JWK{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return api.JWK{}, err
	}
	if err := os.WriteFile(p.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return api.JWK{}, err
	}
	program, err := client.NewProgram(p.program, key)
	if err != nil {
		return api.JWK{}, err
	}
	return program.JWK(), nil
}

// tell makes a woman for each language, with a text of her own and one part that a
// researcher may open.
func (w *world) tell() error {
	files, err := samples.Files("")
	if err != nil {
		return err
	}
	for _, s := range samples.List() {
		if s.MediaType != "text/plain" {
			continue
		}
		text, err := fs.ReadFile(files, s.Name)
		if err != nil {
			return err
		}
		her, err := w.person("participant-"+s.Language, s.Language, statement.Participant, "")
		if err != nil {
			return err
		}
		if err := w.entrust(her, s, text); err != nil {
			return fmt.Errorf("%s: %w", her.name, err)
		}
	}
	return nil
}

func (w *world) entrust(her person, s samples.Sample, text []byte) error {
	t, err := her.client.Create(w.ctx, client.Testimony{Title: "Sandbox", Language: s.Language, Parts: []client.Content{client.Bytes(s.Name, s.MediaType, text)}})
	if err != nil {
		return err
	}
	g, err := her.client.Grant(w.ctx, client.Offer{Testimony: t, Parts: []int64{1}, To: w.readers[0],
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.ChathamHouse, Access: statement.Download}})
	if err != nil {
		return err
	}
	w.given = append(w.given, given{her, t, g.ID})
	return nil
}
