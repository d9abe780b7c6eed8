package client_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

func readFile(t testing.TB, elem ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What a reader keeps says by her signature whose it is and on which terms, and
// a file that is not the granted part is told from the one that is; also after
// she has locked it anew.
func TestWhatAReaderKeepsVerifiesOffline(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	reader := w.Researcher(t, "Dr. Leyla")
	tid := told(t, salma)
	grant := granted(t, salma, offer(tid, reader, 1, 2))
	for _, anew := range []bool{false, true} {
		if anew {
			if _, err := salma.Relock(ctx, tid, 1); err != nil {
				t.Fatal(err)
			}
		}
		dir := filepath.Join(t.TempDir(), "kept")
		if _, err := reader.SaveGrantedAge(ctx, grant, 1, dir, nil); err != nil {
			t.Fatal(err)
		}
		k, err := client.ReadTerms(bytes.NewReader(readFile(t, dir, client.TermsFile)))
		if err != nil || k.From != salma.Account() || k.Reader != reader.Account() || k.Grant != grant || k.Part != 1 || (k.Relocked > 0) != anew {
			t.Fatalf("%+v, %v", k, err)
		}
		part := readFile(t, dir, client.AgeFile)
		if err := k.Match(bytes.NewReader(part)); err != nil {
			t.Error(err)
		}
		part[len(part)-1] ^= 1
		if err := k.Match(bytes.NewReader(part)); !errors.Is(err, client.ErrPayloadSwapped) {
			t.Errorf("altered: %v", err)
		}
	}
}

// Terms that were edited are no terms, whichever field it was.
func TestEditedTermsAreRefused(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	reader := w.Researcher(t, "Dr. Leyla")
	grant := granted(t, salma, offer(told(t, salma), reader, 1, 2))
	dir := filepath.Join(t.TempDir(), "kept")
	if _, err := reader.SaveGranted(ctx, grant, 1, dir, nil); err != nil {
		t.Fatal(err)
	}
	text := string(readFile(t, dir, client.TermsFile))
	for _, edit := range [][2]string{
		{`"listen-only"`, `"named"`}, {`"part": 1`, `"part": 3`}, {`"part": 1`, `"part": 2, "part": 1`}, {`"part": 1`, `"Part": 2, "part": 1`},
		{`"commercial-use",`, ``}, {string(salma.Account()), string(reader.Account())}, {`"vault"`, `"Vault2"`},
	} {
		edited := strings.Replace(text, edit[0], edit[1], 1)
		if edited == text {
			t.Fatalf("nothing to edit for %q", edit[0])
		}
		if _, err := client.ReadTerms(strings.NewReader(edited)); !errors.Is(err, client.ErrTerms) {
			t.Errorf("%q for %q: %v", edit[1], edit[0], err)
		}
	}
}

// Whoever may only look keeps no copy in either form, and is not recorded as
// having opened it.
func TestLookingOnlyKeepsNothing(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	reader := w.Researcher(t, "Dr. Leyla")
	tid := told(t, salma)
	o := offer(tid, reader, 1)
	o.Terms.Access = statement.View
	grant := granted(t, salma, o)
	dir := filepath.Join(t.TempDir(), "kept")
	if _, err := reader.SaveGrantedAge(ctx, grant, 1, dir, nil); !errors.Is(err, client.ErrViewOnly) {
		t.Error(err)
	}
	if _, err := reader.SaveGranted(ctx, grant, 1, dir, nil); !errors.Is(err, client.ErrViewOnly) {
		t.Error(err)
	}
	list, err := salma.Grants(ctx, tid)
	if err != nil || len(list) != 1 || len(list[0].Openings) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// She agrees to exactly the reader and the terms that are then signed, or to
// nothing.
func TestNothingIsSignedThatWasNotAgreedTo(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	reader := w.Researcher(t, "Dr. Leyla")
	tid := told(t, salma)
	before, err := salma.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	o := offer(tid, reader, 1)
	var shown api.Terms
	o.Agree = func(r *client.Researcher, terms api.Terms) error {
		if shown = terms; r.Name != "Dr. Leyla" {
			t.Errorf("%+v", r)
		}
		return no
	}
	if _, err := salma.Grant(ctx, o); !errors.Is(err, no) {
		t.Error(err)
	}
	if head, err := salma.Head(ctx); err != nil || head != before {
		t.Errorf("%v, %v", head, err)
	}
	if shown.Until == 0 || len(shown.Prohibited) == 0 {
		t.Errorf("terms with gaps: %+v", shown)
	}
	o.Agree = func(*client.Researcher, api.Terms) error { return nil }
	g, err := salma.Grant(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := salma.GrantedOn(ctx, g.ID); err != nil || at != tid {
		t.Errorf("%s, %v", at, err)
	}
}

func FuzzTerms(f *testing.F) {
	f.Add([]byte(`{"vault":"","statement":""}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if k, err := client.ReadTerms(bytes.NewReader(text)); (k == nil) == (err == nil) {
			t.Errorf("%v, %v", k, err)
		}
	})
}
