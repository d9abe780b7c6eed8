package app_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stockagetest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// circle is a woman, three people she trusts and a reader.
type circle struct {
	*testing.T
	vault       *vaulttest.Vault
	her, reader *client.Client
	trustees    []*client.Client
	tid         api.ID
}

// Stories of trustees and silence with the vault's own client, on both engines,
// every exchange held against the contract.
func TestStoriesOfTrust(t *testing.T) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			for name, tell := range map[string]func(c *circle){
				"two of three let the reader in":      (*circle).twoOfThree,
				"a trustee is replaced":               (*circle).replaces,
				"she is silent, and then she is not":  (*circle).fallsSilent,
				"trustees vote when she is silent":    (*circle).votesInSilence,
				"a re-lock keeps what trustees share": (*circle).relocks,
			} {
				t.Run(name, func(t *testing.T) { tell(newCircle(t, e)) })
			}
		})
	}
}

func newCircle(t *testing.T, e store.Engine) *circle {
	v := vaulttest.New(t, vaulttest.On(e))
	v.Clock.Set(time.Date(2026, 11, 23, 14, 15, 16, 0, time.UTC))
	c := &circle{T: t, vault: v, reader: accredited(t, v), her: enrolled(t, v, statement.Participant)}
	for range 3 {
		c.trustees = append(c.trustees, introduced(t, v))
	}
	c.tid = tells(t, c.her, client.Bytes("story.txt", "", []byte(told)))
	return c
}

func introduced(t *testing.T, v *vaulttest.Vault) *client.Client {
	t.Helper()
	c := enrolled(t, v, statement.Participant)
	if err := c.Introduce(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *circle) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func (c *circle) refused(what string, err, want error) {
	c.Helper()
	if !errors.Is(err, want) {
		c.Errorf("%s: %v, want %v", what, err, want)
	}
}

func (c *circle) terms(who ...*client.Client) client.PolicyTerms {
	p := client.PolicyTerms{Testimony: c.tid, To: c.reader.Account(), Note: "If I am gone, let her read it."}
	for _, w := range who {
		p.Trustees = append(p.Trustees, w.Account())
	}
	p.Threshold = min(2, len(who))
	return p
}

func (c *circle) under(p *client.Policy) api.ID {
	c.Helper()
	g, err := c.her.Grant(c.Context(), client.Offer{Testimony: c.tid, Parts: []int64{1}, To: c.reader.Account(), Policy: p.ID,
		Terms: api.Terms{Access: statement.Download}})
	c.must(err)
	return g.ID
}

func (c *circle) set(p client.PolicyTerms) *client.Policy {
	c.Helper()
	made, err := c.her.SetPolicy(c.Context(), p)
	c.must(err)
	return made
}

func (c *circle) open(g api.ID) (string, error) {
	var b buffer
	_, err := c.reader.Open(c.Context(), g, 1, &b)
	return b.String(), err
}

func (c *circle) opens(g api.ID) {
	c.Helper()
	if got, err := c.open(g); err != nil || got != told {
		c.Errorf("the reader got %q, %v", got, err)
	}
}

func (c *circle) twoOfThree() {
	p := c.set(c.terms(c.trustees...))
	g := c.under(p)
	_, err := c.open(g)
	c.refused("before anybody voted", err, client.ErrNotReleased)
	list, err := c.trustees[0].Trusts(c.Context())
	if err != nil || len(list) != 1 || list[0].Err != nil || list[0].Note != "If I am gone, let her read it." || list[0].From != c.her.Account() ||
		list[0].Reader != c.reader.Account() || len(list[0].Trustees) != 3 || list[0].Threshold != 2 {
		c.Fatalf("%+v, %v", list[0], err)
	}
	c.must(c.trustees[0].Agree(c.Context(), p.ID))
	c.must(c.trustees[1].Decline(c.Context(), p.ID))
	c.must(c.trustees[0].Release(c.Context(), p.ID, nil))
	c.refused("a vote after declining", c.trustees[1].Release(c.Context(), p.ID, nil), client.ErrRefused)
	_, err = c.open(g)
	c.refused("after one vote", err, client.ErrNotReleased)
	c.must(c.trustees[2].Release(c.Context(), p.ID, nil))
	c.opens(g)
	policies, err := c.her.Policies(c.Context(), c.tid)
	c.must(err)
	if n := count(policies[0], api.TrusteeReleased); n != 2 || count(policies[0], api.TrusteeDeclined) != 1 {
		c.Errorf("%+v", policies)
	}
	c.stockAge(g)
}

func count(p client.Policy, answer api.TrusteeAnswer) (n int) {
	for _, t := range p.Trustees {
		if t.Answer == answer {
			n++
		}
	}
	return n
}

// stockAge opens the saved part with the age program and the key that the shares
// make.
func (c *circle) stockAge(g api.ID) {
	c.Helper()
	dir := c.TempDir()
	_, err := c.reader.SaveGrantedAge(c.Context(), g, 1, filepath.Join(dir, "part"), nil)
	c.must(err)
	shared, err := c.reader.SharedKey(c.Context(), g)
	c.must(err)
	key := filepath.Join(dir, "key.txt")
	c.must(os.WriteFile(key, shared.Key.IdentityFile().Reveal(), 0o600))
	out, err := exec.Command(stockagetest.Binary(c), "-d", "-i", key, filepath.Join(dir, "part", client.AgeFile)).Output()
	if err != nil || !bytes.Contains(out, []byte(told)) {
		c.Errorf("stock age gave %d bytes, %v", len(out), err)
	}
}

func (c *circle) replaces() {
	p := c.set(c.terms(c.trustees...))
	g := c.under(p)
	c.must(c.trustees[0].Release(c.Context(), p.ID, nil))
	fourth := introduced(c.T, c.vault)
	terms := c.terms(c.trustees[0], c.trustees[1], fourth)
	next, moved, err := c.her.ReplacePolicy(c.Context(), p.ID, terms)
	if err != nil || len(moved) != 1 || moved[0].Old != g || next.ID == p.ID {
		c.Fatalf("%+v, %v", moved, err)
	}
	again, none, err := c.her.ReplacePolicy(c.Context(), p.ID, terms)
	if err != nil || len(none) != 0 || again.ID != next.ID {
		c.Errorf("repeated: %+v, %+v, %v", again, none, err)
	}
	c.must(c.trustees[1].Release(c.Context(), p.ID, nil)) // who has not heard of it
	_, err = c.open(g)
	c.refused("under the old policy", err, client.ErrNotFound)
	_, err = c.open(moved[0].New)
	c.refused("with votes of the old policy", err, client.ErrNotReleased)
	c.must(c.trustees[1].Release(c.Context(), next.ID, nil))
	c.must(fourth.Release(c.Context(), next.ID, nil))
	c.opens(moved[0].New)
}

func (c *circle) fallsSilent() {
	terms := c.terms()
	terms.Silence, terms.Wait = 30, 7
	g := c.under(c.set(terms))
	c.vault.Clock.Forward(31 * 24 * time.Hour) // which ends the accreditation, too
	c.vouchAnew()
	if list, err := c.her.Silences(c.Context()); err != nil || len(list) != 1 || list[0].Testimony != c.tid || list[0].ReleaseAt != list[0].NoticeAt+7*statement.Day {
		c.Fatalf("%+v, %v", list, err)
	}
	_, err := c.open(g)
	c.refused("in the waiting period", err, client.ErrNotFound)
	c.must(c.her.CheckIn(c.Context()))
	if list, err := c.her.Silences(c.Context()); err != nil || len(list) != 0 {
		c.Errorf("after she checked in: %+v, %v", list, err)
	}
	c.vault.Clock.Forward(38 * 24 * time.Hour)
	c.vouchAnew()
	g = c.regranted(g)
	_, err = c.open(g)
	c.refused("granting is an act of hers", err, client.ErrNotFound)
}

// vouchAnew has the steward vouch for the reader once more, with a longer term.
func (c *circle) vouchAnew() {
	c.Helper()
	_, err := c.vault.StewardClient().Accredit(c.Context(), c.reader.Account(), 300)
	c.must(err)
}

// regranted finds the policy of a grant and grants under it again.
func (c *circle) regranted(g api.ID) api.ID {
	c.Helper()
	policies, err := c.her.Policies(c.Context(), c.tid)
	c.must(err)
	_, err = c.her.Revoke(c.Context(), c.tid, g)
	c.must(err)
	return c.under(&policies[0])
}

func (c *circle) votesInSilence() {
	c.vouchAnew()
	terms := c.terms(c.trustees...)
	terms.Silence, terms.Wait = 10, 2
	p := c.set(terms)
	g := c.under(p)
	c.refused("a vote while she is there", c.trustees[0].Release(c.Context(), p.ID, nil), client.ErrRefused)
	c.vault.Clock.Forward(13 * 24 * time.Hour)
	asked := api.ID("")
	c.must(c.trustees[0].Release(c.Context(), p.ID, func(t *client.Trust) error { asked = t.ID; return nil }))
	stop := errors.New("no")
	c.refused("a trustee who thinks better of it", c.trustees[1].Release(c.Context(), p.ID, func(*client.Trust) error { return stop }), stop)
	c.must(c.trustees[2].Release(c.Context(), p.ID, nil))
	if asked != p.ID {
		c.Errorf("the trustee was asked about %q", asked)
	}
	c.opens(g)
	c.must(c.her.SetCard(c.Context(), c.tid, client.Card{Title: "I am here"}))
	_, err := c.open(g)
	c.refused("any act of hers", err, client.ErrNotReleased)
	events, _, err := c.her.Feed(c.Context(), c.tid)
	c.must(err)
	for _, kind := range []api.EventKind{api.EventPolicy, api.EventVoted, api.EventReleased, api.EventOpened} {
		if !slices.ContainsFunc(events, func(e api.Event) bool { return e.Kind == kind && (e.Time > 0) == (kind != api.EventPolicy) }) {
			c.Errorf("her feed has no %s", kind)
		}
	}
}

func (c *circle) relocks() {
	p := c.set(c.terms(c.trustees...))
	g := c.under(p)
	carried, err := c.her.Relock(c.Context(), c.tid, 1)
	if err != nil || len(carried) != 1 {
		c.Fatalf("%v, %v", carried, err)
	}
	c.must(c.trustees[0].Release(c.Context(), p.ID, nil))
	c.must(c.trustees[1].Release(c.Context(), p.ID, nil))
	c.opens(g)
}
