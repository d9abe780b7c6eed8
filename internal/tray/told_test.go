package tray_test

import (
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/traytest"
)

// gives tries to grant part 1, of which she says how it came, and part 2, which she
// made.
func gives(t *testing.T, w *traytest.World, tid id.ID, parts map[int64]testimonytest.Sealed, first, second statement.Brought) (id.ID, error) {
	t.Helper()
	body, headers := w.GrantBody(tid, parts)
	body.Parts[0].Brought, body.Parts[1].Brought = first, second
	g, _, err := w.Grants.Grant(t.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), headers, nil)
	return g, err
}

// A grant says of a part that a partner brought how it came, as its note has it, and
// of no other. Leaving it out, saying something better and naming another note are
// refused; the reader is told who it was only where she names the note.
func TestAReaderIsToldHowAPartCame(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		tid := w.Create(w.Her)
		i := w.Seal(w.Open(w.Her).Code, []byte("brought"), w.Her)
		i.Said.Assurance = delivery.Gateway
		i.Note = w.Sign(i.Said)
		w.Must(w.Put(i))
		if _, err := w.Adopt(w.Her, tid, 1, i); err != nil {
			t.Fatal(err)
		}
		parts := map[int64]testimonytest.Sealed{1: i.Of, 2: w.Add(w.Her, tid, 2, []byte("her own"))}
		none, note := statement.Brought{}, testimonytest.Sum([]byte(i.Note))
		for what, b := range map[string][2]statement.Brought{
			"nothing":             {none, none},
			"something better":    {{Assurance: "partner-device"}, none},
			"a claim":             {{Assurance: "gateway", Claimed: true}, none},
			"another note":        {{Assurance: "gateway", NoteSHA256: testimonytest.Sum([]byte("another"))}, none},
			"what she made, also": {{Assurance: "gateway"}, {Assurance: "gateway"}},
		} {
			if _, err := gives(t, w, tid, parts, b[0], b[1]); !errors.Is(err, statement.ErrRefused) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, named := range []string{"", note} {
			g, err := gives(t, w, tid, parts, statement.Brought{Assurance: "gateway", NoteSHA256: named}, none)
			w.Must(err)
			for how, r := range told(t, w, g) {
				c := r.Parts[0].Came
				if c == nil || c.Assurance != delivery.Gateway || !c.Readable || c.Claimed || r.Parts[1].Came != nil {
					t.Fatalf("%s: %+v", how, r.Parts)
				}
				if (c.Note != "") != (named != "") || (c.Said != nil) != (named != "") || c.Said != nil && c.Said.Partner != w.By.Partner {
					t.Errorf("%s, named %q: %+v", how, named, c)
				}
			}
			w.Revoke(tid, g)
		}
	})
}

// told is a grant as its reader gets it, alone and in the inbox.
func told(t *testing.T, w *traytest.World, g id.ID) map[string]grant.Received {
	t.Helper()
	one, err := w.Grants.Receive(t.Context(), w.Reader.Caller, g)
	w.Must(err)
	list, err := w.Grants.Inbox(t.Context(), w.Reader.Caller, "", 10)
	w.Must(err)
	if len(list) != 1 || list[0].ID != g {
		t.Fatalf("%+v", list)
	}
	return map[string]grant.Received{"alone": one, "in the inbox": list[0]}
}
