package recovery_test

import (
	"cmp"
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/recovery"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shamir"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

const wait = 7 * statement.Day

// world is somebody with three trustees, two of whom it takes.
type world struct {
	*accounttest.World
	recoveries *recovery.Recoveries
	her        *accounttest.Person
	trustees   []*accounttest.Person // by account
	shares     []secret.Bytes        // in their order
	recovery   *statement.Statement
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{World: accounttest.New(t, db, 1, 1)}
	w.recoveries = &recovery.Recoveries{DB: db, Ledger: w.Ledger, Now: w.Clock.Now}
	w.her = w.Enrolled(statement.Participant)
	for range 3 {
		w.trustees = append(w.trustees, w.Enrolled(statement.Participant))
	}
	slices.SortFunc(w.trustees, func(a, b *accounttest.Person) int { return cmp.Compare(a.ID, b.ID) })
	w.set(w.trustees)
	return w
}

func (w *world) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// body makes a recovery with its files.
func (w *world) body(trustees []*accounttest.Person) (statement.Recovery, [][]byte) {
	w.T.Helper()
	b := make([]byte, 16)
	rand.Read(b) // never fails
	var err error
	w.shares, err = shamir.Split(rand.Reader, secret.Of(b), len(trustees), 2)
	w.must(err)
	body, files := statement.Recovery{Threshold: 2, Wait: wait}, [][]byte{}
	for i, p := range trustees {
		file, err := sharedkey.SealFile(sharedkey.Card{Share: w.shares[i], Threshold: 2, Of: int64(len(trustees))}, p.Recipient)
		w.must(err)
		files = append(files, file)
		body.Trustees = append(body.Trustees, statement.Share{Account: p.ID, RecipientSHA256: sharedkey.Digest([]byte(p.Recipient)),
			ShareSHA256: sharedkey.Digest(w.shares[i].Reveal()), SealedSHA256: sharedkey.Digest(file)})
	}
	return body, files
}

func (w *world) set(trustees []*accounttest.Person) {
	w.T.Helper()
	body, files := w.body(trustees)
	w.recovery = w.her.Sign(body)
	_, err := w.recoveries.Set(w.T.Context(), w.her.Caller, w.recovery.Compact(), files, nil)
	w.must(err)
}

// claims makes somebody new who claims an account.
func (w *world) claims(of id.Thumbprint) (*accounttest.Person, *statement.Statement) {
	w.T.Helper()
	p := w.Enrolled(statement.Participant)
	claim := p.Sign(statement.Claim{Account: of})
	_, err := w.recoveries.Claim(w.T.Context(), p.Caller, claim.Compact(), nil)
	w.must(err)
	return p, claim
}

// gives has a trustee seal a share to the claimant.
func (w *world) gives(i int, claim *statement.Statement, to *accounttest.Person) error {
	w.T.Helper()
	file, err := sharedkey.SealFile(sharedkey.Card{Share: w.shares[i], Threshold: 2, Of: 3}, to.Recipient)
	w.must(err)
	hash := claim.Hash()
	s := w.trustees[i].Sign(statement.Release{Of: claim.ID, OfSHA256: statement.B64(hash[:]), SealedSHA256: sharedkey.Digest(file)})
	_, err = w.recoveries.Give(w.T.Context(), w.trustees[i].Caller, claim.ID, s.Compact(), file, nil)
	return err
}

func (w *world) got(p *accounttest.Person, claim *statement.Statement) (recovery.Given, error) {
	return w.recoveries.Shares(w.T.Context(), p.Caller, claim.ID)
}

// acts is any signed act of hers: here, that she is there.
func (w *world) acts(p *accounttest.Person) {
	w.T.Helper()
	w.must(w.DB.Update(w.T.Context(), w.append(p.Sign(statement.CheckIn{}))))
}

// until is how long it takes from then to the first second after the wait, which
// counts from the end of the day of the claim.
func (w *world) until(then time.Time) time.Duration {
	return time.Unix(statement.DayOf(then)+statement.Day+wait, 0).Sub(time.Unix(then.Unix(), 0))
}

// Two of three give her secret back: at the first second after the wait, and not
// one before; to her, and to nobody else.
func TestTrusteesGiveTheSecretBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p, claim := w.claims(w.her.ID)
		w.must(w.gives(0, claim, p))
		w.must(w.gives(2, claim, p))
		for _, step := range []struct {
			forward time.Duration
			want    error
		}{{0, recovery.ErrNotFound}, {w.until(w.Clock.Now()) - time.Second, recovery.ErrNotFound}, {time.Second, nil}, {time.Hour, nil}} {
			w.Clock.Forward(step.forward)
			if _, err := w.got(p, claim); !errors.Is(err, step.want) {
				t.Errorf("%s later: %v, want %v", step.forward, err, step.want)
			}
			other, _ := w.claims(w.her.ID)
			if _, err := w.got(other, claim); !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("%s later, to somebody else: %v", step.forward, err)
			}
		}
		given, err := w.got(p, claim)
		w.must(err)
		var shares []secret.Bytes
		for _, s := range given.Shares {
			card, err := sharedkey.OpenFile(s.Share, p.Identity)
			w.must(err)
			shares = append(shares, card.Share)
		}
		got, err := shamir.Combine(shares)
		w.must(err)
		want, err := shamir.Combine(w.shares)
		w.must(err)
		if len(shares) != 2 || !got.Equal(want) || given.Recovery != w.recovery.Compact() {
			t.Error("the shares do not make her secret")
		}
	})
}

// Fewer than the threshold give nothing, however long it takes; a trustee who
// declines takes a share back.
func TestFewerThanTheThresholdGiveNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p, claim := w.claims(w.her.ID)
		w.must(w.gives(1, claim, p))
		w.must(w.gives(1, claim, p))
		w.Clock.Forward(100 * wait * time.Second)
		if _, err := w.got(p, claim); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("one share, given twice: %v", err)
		}
		w.must(w.gives(0, claim, p))
		w.answers(0, statement.Declined)
		if _, err := w.got(p, claim); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("one of two declined: %v", err)
		}
		if err := w.gives(0, claim, p); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("a share of a trustee who declined: %v", err)
		}
		w.answers(0, statement.Agreed)
		w.must(w.gives(0, claim, p))
		if _, err := w.got(p, claim); err != nil {
			t.Errorf("two shares: %v", err)
		}
	})
}

// Whoever still has the words stops a claim by any act, in the last second of the
// wait as well, and for good.
func TestAnyActOfHersStopsAClaim(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p, claim := w.claims(w.her.ID)
		w.must(w.gives(0, claim, p))
		w.must(w.gives(1, claim, p))
		w.Clock.Forward(w.until(w.Clock.Now()) - time.Second)
		w.acts(w.her)
		w.Clock.Forward(wait * time.Second)
		if _, err := w.got(p, claim); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("after her act: %v", err)
		}
		if err := w.gives(2, claim, p); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("a share after her act: %v", err)
		}
		if hers, err := w.recoveries.Show(t.Context(), w.her.Caller); err != nil || len(hers.Claims) != 0 || len(hers.Trustees) != 3 {
			t.Errorf("%+v, %v", hers, err)
		}
		next, again := w.claims(w.her.ID)
		if hers, err := w.recoveries.Show(t.Context(), w.her.Caller); err != nil || len(hers.Claims) != 1 || hers.Claims[0].Claimant != next.ID {
			t.Errorf("%+v, %v", hers, err)
		}
		w.must(w.gives(0, again, next))
	})
}

// A claim says nothing about what it claims: the answer is the same for an account
// with a recovery, without one, and for none.
func TestAClaimTellsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for name, of := range map[string]id.Thumbprint{"with a recovery": w.her.ID, "without one": w.trustees[0].ID, "nobody's": w.Stranger().ID, "a steward's": w.Stewards[0].ID} {
			p, claim := w.claims(of)
			w.Clock.Forward(2 * wait * time.Second)
			if _, err := w.got(p, claim); !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		p, _ := w.claims(w.Stranger().ID)
		for range 2 {
			_, err := w.recoveries.Claim(t.Context(), p.Caller, p.Sign(statement.Claim{Account: w.her.ID}).Compact(), nil)
			w.must(err)
		}
		if _, err := w.recoveries.Claim(t.Context(), p.Caller, p.Sign(statement.Claim{Account: w.her.ID}).Compact(), nil); !errors.Is(err, recovery.ErrClaims) {
			t.Errorf("a fourth claim: %v", err)
		}
	})
}

// Nobody who guards the vault is a trustee, nor she herself, nor a key that is not
// the trustee's.
func TestWhoMayBeATrustee(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		swapped := *w.trustees[1]
		swapped.Recipient = w.her.Recipient
		for name, p := range map[string]*accounttest.Person{"a steward": w.Stewards[0], "herself": w.her, "a stranger": w.Stranger(), "another's key": &swapped} {
			list := []*accounttest.Person{p, w.trustees[0]}
			slices.SortFunc(list, func(a, b *accounttest.Person) int { return cmp.Compare(a.ID, b.ID) })
			body, files := w.body(list)
			if _, err := w.recoveries.Set(t.Context(), w.her.Caller, w.her.Sign(body).Compact(), files, nil); !errors.Is(err, recovery.ErrTrustee) {
				t.Errorf("%s: %v", name, err)
			}
		}
		body, files := w.body(w.trustees)
		files[0], files[1] = files[1], files[0]
		if _, err := w.recoveries.Set(t.Context(), w.her.Caller, w.her.Sign(body).Compact(), files, nil); !errors.Is(err, recovery.ErrDigest) {
			t.Errorf("shares in another order: %v", err)
		}
		body, files = w.body(w.trustees)
		files[2] = []byte("x")
		if _, err := w.recoveries.Set(t.Context(), w.her.Caller, w.her.Sign(body).Compact(), files, nil); !errors.Is(err, recovery.ErrSealed) {
			t.Errorf("no age file: %v", err)
		}
		if _, err := w.recoveries.Set(t.Context(), account.Caller{ID: w.her.ID, Role: statement.Researcher}, w.her.Sign(statement.Recovery{Trustees: []statement.Share{}}).Compact(), nil, nil); err == nil {
			t.Error("a researcher set a recovery")
		}
	})
}

// What is over gives nothing: ended, replaced, or made void with the words.
func TestARecoveryEnds(t *testing.T) {
	for name, end := range map[string]func(w *world){
		"she ends it": func(w *world) {
			_, err := w.recoveries.Set(w.T.Context(), w.her.Caller, w.her.Sign(statement.Recovery{Trustees: []statement.Share{}}).Compact(), nil, nil)
			w.must(err)
		},
		"she sets another":      func(w *world) { w.set(w.trustees) },
		"she changes her words": (*world).rekeys,
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				p, claim := w.claims(w.her.ID)
				w.must(w.gives(0, claim, p))
				w.must(w.gives(1, claim, p))
				end(w)
				w.Clock.Forward(2 * wait * time.Second)
				if _, err := w.got(p, claim); !errors.Is(err, recovery.ErrNotFound) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// A trustee sees what names it and who claims, and nobody else sees anything.
func TestWhatATrusteeSees(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p, claim := w.claims(w.her.ID)
		list, err := w.recoveries.Naming(t.Context(), w.trustees[1].Caller, "")
		if err != nil || len(list) != 1 || len(list[0].Claims) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		c := list[0].Claims[0]
		if list[0].Account != w.her.ID || c.Claimant != p.ID || c.Claim != claim.Compact() || c.GivesAt-c.Opened != wait+statement.Day || c.Opened%statement.Day != 0 {
			t.Errorf("%+v", list[0])
		}
		card, err := sharedkey.OpenFile(list[0].Share, w.trustees[1].Identity)
		if err != nil || !card.Share.Equal(w.shares[1]) {
			t.Errorf("the share: %v", err)
		}
		for _, other := range []*accounttest.Person{w.her, p, w.Stewards[0]} {
			if list, err := w.recoveries.Naming(t.Context(), other.Caller, ""); err != nil || len(list) != 0 {
				t.Errorf("%+v, %v", list, err)
			}
		}
		hash := claim.Hash()
		stray := p.Sign(statement.Trust{Of: w.recovery.ID, OfSHA256: statement.B64(hash[:]), Answer: statement.Agreed})
		if _, err := w.recoveries.Answer(t.Context(), p.Caller, w.recovery.ID, stray.Compact(), nil); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("an answer of somebody who was not named: %v", err)
		}
	})
}
