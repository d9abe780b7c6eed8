package delivery_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"testing"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

func key(t testing.TB) (ed25519.PrivateKey, *clientkey.Key) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := clientkey.Of(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

func name(t testing.TB) id.ID {
	t.Helper()
	v, err := id.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func note(t testing.TB) delivery.Note {
	t.Helper()
	h := statement.B64(make([]byte, 32))
	client := name(t)
	return delivery.Note{Issuer: string(client), Vault: h, Partner: name(t), Client: client, Item: name(t), RecipientSHA256: h, Length: 1000, PayloadSHA256: h,
		Commit: h, HeaderSHA256: h, Assurance: delivery.PartnerDevice, Day: 20000 * statement.Day}
}

// A note says what was signed, by the key that signed it and by no other.
func TestANoteIsItsSigners(t *testing.T) {
	private, public := key(t)
	_, other := key(t)
	n := note(t)
	compact, err := delivery.Sign(n, private)
	if err != nil {
		t.Fatal(err)
	}
	got, err := delivery.Read(compact, public)
	if err != nil || *got != n {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := delivery.Read(compact, other); err == nil {
		t.Error("another key's")
	}
}

// What a client cannot give, and what is no note, is not signed.
func TestWhatNoNoteSays(t *testing.T) {
	private, _ := key(t)
	for what, change := range map[string]func(*delivery.Note){
		"the vault's assurance":  func(n *delivery.Note) { n.Assurance = delivery.ByVault },
		"a form's":               func(n *delivery.Note) { n.Assurance = delivery.FieldForm },
		"none":                   func(n *delivery.Note) { n.Assurance = "best" },
		"another issuer":         func(n *delivery.Note) { n.Issuer = "x" },
		"the vault as a client":  func(n *delivery.Note) { n.Issuer = n.Vault },
		"half a day":             func(n *delivery.Note) { n.Day++ },
		"no length":              func(n *delivery.Note) { n.Length = 0 },
		"half a claim":           func(n *delivery.Note) { n.Replaces.N = 1 },
		"a name that is none":    func(n *delivery.Note) { n.Item = "X" },
		"a digest that is none":  func(n *delivery.Note) { n.Commit = "" },
		"no partner":             func(n *delivery.Note) { n.Partner = "" },
		"a consultation's rest":  func(n *delivery.Note) { n.Consultation = "x" },
		"a part that is too far": func(n *delivery.Note) { n.Replaces = delivery.Replaced{Testimony: n.Item, N: 1 << 40} },
	} {
		n := note(t)
		change(&n)
		if _, err := delivery.Sign(n, private); err == nil {
			t.Errorf("%s was signed", what)
		}
	}
}

// Whatever is read as a note spells itself in one way.
func FuzzPeek(f *testing.F) {
	private, _ := key(f)
	good, err := delivery.Sign(note(f), private)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, compact string) {
		n, kid, err := delivery.Peek(compact)
		if err != nil {
			return
		}
		again, err := canonical.Encode(n)
		if err != nil || kid == "" || len(compact) > delivery.MaxSize {
			t.Fatalf("%q gives %+v, %v", compact, n, err)
		}
		back := new(delivery.Note)
		if err := canonical.Decode(again, back); err != nil || *back != *n {
			t.Fatalf("%q is spelled %s", compact, again)
		}
	})
}

// The tray's code follows from the invitation, and from nothing else.
func TestATraysCodeFollowsFromTheInvitation(t *testing.T) {
	one, two := delivery.TrayCode("abc"), delivery.TrayCode("abd")
	if _, err := id.Parse(one); err != nil || one == two || one != delivery.TrayCode("abc") {
		t.Errorf("%s, %s, %v", one, two, err)
	}
}
