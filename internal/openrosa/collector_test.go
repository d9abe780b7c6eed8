package openrosa_test

import (
	"crypto/rsa"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/openrosa"
	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
	"github.com/relatingfield/vault/internal/openrosa/forms"
	"github.com/relatingfield/vault/internal/openrosa/xform"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/traytest"
)

func privateKey(t *testing.T, k collecttest.Key) *rsa.PrivateKey {
	t.Helper()
	text, err := os.ReadFile(k.Private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := fieldform.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A token is good until it is revoked, its end comes, the partner is halted or the
// collection is over; then nothing can be done with it, and nobody learns which.
func TestATokenIsGoodOrUnknown(t *testing.T) {
	for name, end := range map[string]func(w *world){
		"revoked": func(w *world) { w.Must(w.in.Revoke(w.T.Context(), w.By, w.token.Collector)) },
		"ended":   func(w *world) { w.Clock.Forward(32 * traytest.Day) },
		"halted":  func(w *world) { w.Halted[w.By.Partner] = true },
		"unknown": func(w *world) { w.token.Token = strings.Repeat("a", 26) },
		"none":    func(w *world) { w.token.Token = "" },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.Must(w.in.Known(t.Context(), w.token.Token))
				p := filled("1", collecttest.Collect).Encrypt(t, w.key).Posts(10_000_000, collecttest.OkHttp5)[0]
				end(w)
				_, e1 := w.in.Offered(t.Context(), w.token.Token, "")
				_, e2 := w.in.Document(t.Context(), w.token.Token, w.ID())
				_, e3 := w.post(w.token.Token, p)
				for _, err := range []error{e1, e2, e3, w.in.Known(t.Context(), w.token.Token)} {
					if !errors.Is(err, openrosa.ErrToken) {
						t.Error(err)
					}
				}
				if w.Objects() != 0 {
					t.Error("something stays")
				}
			})
		})
	}
}

// A token that was changed for another is good for some days more, then not.
func TestATokenCanBeChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		again, err := w.in.Rotate(t.Context(), w.By, w.token.Collector, 0, nil)
		if err != nil || again.Token == w.token.Token || again.Collector != w.token.Collector {
			t.Fatalf("%+v, %v", again, err)
		}
		w.Must(w.in.Known(t.Context(), w.token.Token))
		w.Must(w.in.Known(t.Context(), again.Token))
		w.Clock.Forward(4 * traytest.Day)
		if err := w.in.Known(t.Context(), w.token.Token); !errors.Is(err, openrosa.ErrToken) {
			t.Error(err)
		}
		w.Must(w.in.Known(t.Context(), again.Token))
		w.Must(w.in.Revoke(t.Context(), w.By, again.Collector))
		w.Must(w.in.Revoke(t.Context(), w.By, again.Collector))
		if _, err := w.in.Rotate(t.Context(), w.By, again.Collector, 0, nil); !errors.Is(err, openrosa.ErrNotFound) {
			t.Error(err)
		}
	})
}

// What is another partner's is not there, and only a collection takes forms.
func TestCollectorsAndFormsBelongToOnePartner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other, _ := w.Client(w.ID())
		doc := form(t, w.key, "notes", "1")
		blank, err := w.in.AddForm(t.Context(), w.By, w.code, doc, nil)
		w.Must(err)
		hers := w.Open(w.Her)
		_, e1 := w.in.Rotate(t.Context(), other, w.token.Collector, 0, nil)
		_, e2 := w.in.AddCollector(t.Context(), other, w.code, 0, nil)
		_, e3 := w.in.AddForm(t.Context(), other, w.code, doc, nil)
		_, e4 := w.in.AddCollector(t.Context(), w.By, hers.Code, 0, nil)
		_, e5 := w.in.AddForm(t.Context(), w.By, hers.Code, doc, nil)
		for n, err := range []error{e1, e2, e3, e4, e5, w.in.Revoke(t.Context(), other, w.token.Collector), w.in.Withdraw(t.Context(), other, blank.ID)} {
			if !errors.Is(err, openrosa.ErrNotFound) {
				t.Errorf("%d: %v", n, err)
			}
		}
		list, err := w.in.Collectors(t.Context(), other, "", 10)
		blanks, err2 := w.in.Forms(t.Context(), other, "", 10)
		if err != nil || err2 != nil || len(list)+len(blanks) != 0 {
			t.Errorf("%v, %v, %v, %v", list, blanks, err, err2)
		}
	})
}

// A partner can have so many collectors, each with a possible end.
func TestCollectorsAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, until := range []int64{1, w.Clock.Now().Unix() + 5, w.Clock.Now().Add(90 * traytest.Day).Truncate(traytest.Day).Unix()} {
			if _, err := w.in.AddCollector(t.Context(), w.By, w.code, until, nil); !errors.Is(err, openrosa.ErrTerm) {
				t.Errorf("until %d: %v", until, err)
			}
		}
		w.collector()
		last := w.collector()
		var quota *account.Quota
		if _, err := w.in.AddCollector(t.Context(), w.By, w.code, 0, nil); !errors.As(err, &quota) {
			t.Error(err)
		}
		w.Must(w.in.Revoke(t.Context(), w.By, last.Collector))
		w.collector()
		list, err := w.in.Collectors(t.Context(), w.By, "", 10)
		over := 0
		for _, c := range list {
			if c.Over {
				over++
			}
		}
		if err != nil || len(list) != 4 || over != 1 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func form(t *testing.T, k collecttest.Key, formID, version string) []byte {
	t.Helper()
	doc, err := forms.Make(forms.Choice{Form: "words", Language: "ar", Key: &privateKey(t, k).PublicKey, ID: formID, Version: version, Title: "Notes"})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// A phone gets the newest version of each form of its own collection, byte for byte.
func TestPhonesGetTheFormsOfTheirCollection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, elsewhere := w.newCollection("second")
		add := func(code, formID, version string) openrosa.Blank {
			b, err := w.in.AddForm(t.Context(), w.By, code, form(t, w.key, formID, version), nil)
			w.Must(err)
			return b
		}
		add(w.code, "notes", "1")
		stray := add(elsewhere, "other", "1")
		var quota *account.Quota
		if _, err := w.in.AddForm(t.Context(), w.By, w.code, form(t, w.key, "third", "1"), nil); !errors.As(err, &quota) {
			t.Error(err)
		}
		second := add(w.code, "notes", "2") // takes the place of the first
		list, err := w.in.Offered(t.Context(), w.token.Token, "")
		if err != nil || len(list) != 1 || list[0].ID != second.ID || list[0].Form.Version != "2" || list[0].Form.Name != "Notes" {
			t.Fatalf("%+v, %v", list, err)
		}
		if some, err := w.in.Offered(t.Context(), w.token.Token, "other"); err != nil || len(some) != 0 {
			t.Errorf("%+v, %v", some, err)
		}
		doc, err := w.in.Document(t.Context(), w.token.Token, second.ID)
		if err != nil || string(doc) != string(form(t, w.key, "notes", "2")) {
			t.Errorf("%d bytes, %v", len(doc), err)
		}
		for _, not := range []id.ID{stray.ID, w.ID()} {
			if _, err := w.in.Document(t.Context(), w.token.Token, not); !errors.Is(err, openrosa.ErrNotFound) {
				t.Error(err)
			}
		}
		w.Must(w.in.Withdraw(t.Context(), w.By, second.ID))
		w.Must(w.in.Withdraw(t.Context(), w.By, second.ID))
		if list, err := w.in.Offered(t.Context(), w.token.Token, ""); err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		all, err := w.in.Forms(t.Context(), w.By, "", 10)
		if err != nil || len(all) != 3 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

// A form that would send answers unencrypted is not handed out.
func TestPlainFormsAreNotHandedOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		doc := strings.Replace(string(form(t, w.key, "notes", "1")), "base64RsaPublicKey", "other", 1)
		if _, err := w.in.AddForm(t.Context(), w.By, w.code, []byte(doc), nil); !errors.Is(err, xform.ErrRefused) {
			t.Error(err)
		}
	})
}

// What was revoked, changed or withdrawn stays so after a restore.
func TestARestoreBringsNoTokenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		blank, err := w.in.AddForm(t.Context(), w.By, w.code, form(t, w.key, "notes", "1"), nil)
		w.Must(err)
		w.Must(w.DB.Update(t.Context(), func(ctx ctx, tx store.Tx) error {
			return errors.Join(w.in.RevokeAgain(ctx, tx, 0, journal.Entry{ID: w.token.Collector}), w.in.WithdrawAgain(ctx, tx, 86400, journal.Entry{ID: blank.ID}),
				w.in.RevokeAgain(ctx, tx, 0, journal.Entry{ID: w.ID()}), w.in.WithdrawAgain(ctx, tx, 86400, journal.Entry{ID: w.ID()}))
		}))
		if err := w.in.Known(t.Context(), w.token.Token); !errors.Is(err, openrosa.ErrToken) {
			t.Error(err)
		}
		if list, err := w.in.Offered(t.Context(), w.collector().Token, ""); err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// What is over is forgotten after its time, and not before; a form that comes again
// after that is taken as a new one.
func TestWhatIsOverIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := filled("1", collecttest.Collect).Encrypt(t, w.key)
		w.send(s, 10_000_000, collecttest.OkHttp5)
		if n, err := w.in.Forget(t.Context(), 100); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		w.Clock.Forward(12 * traytest.Day)
		w.send(s, 10_000_000, collecttest.OkHttp5) // before anything was forgotten
		if got := len(w.tray(w.collection)); got != 2*(len(s.Files)+1) {
			t.Errorf("%d items", got)
		}
		w.Clock.Forward(70 * traytest.Day)
		if n, err := w.in.Forget(t.Context(), 100); n == 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if list, err := w.in.Collectors(t.Context(), w.By, "", 10); err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
