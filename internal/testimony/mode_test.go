package testimony_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/warning"
)

func shown(t *testing.T, language string) string {
	t.Helper()
	text, err := warning.Evidence(language)
	if err != nil {
		t.Fatal(err)
	}
	sum := text.SHA256()
	return statement.B64(sum[:])
}

// Evidence is a separate act that names the warning she was shown; back to
// listening needs nothing. Both are in her chain and her feed, and nobody else's
// act switches anything.
func TestEvidenceIsAnActOfItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		other := w.Enrolled(statement.Participant)
		evidence := func(sum string) statement.Mode {
			return statement.Mode{Testimony: tid, Mode: statement.Evidence, WarningSHA256: sum}
		}
		listening := statement.Mode{Testimony: tid, Mode: statement.Listening}
		set := func(body statement.Mode) error {
			_, err := w.Vault.SetMode(t.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), nil)
			return err
		}
		if err := set(evidence(testimonytest.Sum([]byte("nothing will happen")))); !errors.Is(err, testimony.ErrWarning) {
			t.Errorf("a warning of nobody's: %v", err)
		}
		if err := set(statement.Mode{Testimony: w.ID(), Mode: statement.Listening}); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("another testimony: %v", err)
		}
		if _, err := w.Vault.SetMode(t.Context(), other.Caller, tid, other.Sign(listening).Compact(), nil); !errors.Is(err, testimony.ErrNotFound) {
			t.Errorf("by somebody else: %v", err)
		}
		for _, m := range []statement.Mode{evidence(shown(t, "ar")), evidence(shown(t, "ckb")), listening, listening} {
			if err := set(m); err != nil {
				t.Errorf("%s: %v", m.Mode, err)
			}
			book, err := w.Chain(w.Her).Book()
			if err != nil || book.Testimonies[tid].Evidence != (m.Mode == statement.Evidence) {
				t.Errorf("%s: %v", m.Mode, err)
			}
		}
		events, _, err := w.Feed.Read(t.Context(), w.Her.ID, tid, 0, 100)
		if err != nil || len(events) != 5 {
			t.Fatalf("%+v, %v", events, err)
		}
		if e := events[1]; e.Kind != custody.Mode || e.Detail != statement.Evidence || e.At%statement.Day != 0 {
			t.Errorf("%+v", e)
		}
	})
}

// What a device knew of a capture never passes through the vault unsealed,
// whatever the mode of the testimony is.
func TestNoCaptureArrivesUnsealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		body := statement.Mode{Testimony: tid, Mode: statement.Evidence, WarningSHA256: shown(t, "uk")}
		if _, err := w.Vault.SetMode(t.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), nil); err != nil {
			t.Fatal(err)
		}
		s := w.Her.Sign(statement.Received{Testimony: tid, N: 1, Length: 1})
		a := testimony.Arrival{Testimony: tid, N: 1, Statement: s.Compact(), Length: 1, Body: strings.NewReader("x"),
			Info: envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original, Captured: &envelope.Captured{Device: "phone"}}}
		if _, err := w.Vault.Arrive(t.Context(), w.Her.Caller, a, nil); !errors.Is(err, testimony.ErrCaptured) {
			t.Errorf("%v, want ErrCaptured", err)
		}
	})
}
