package storytest_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/storytest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// each runs a story on both engines.
func each(t *testing.T, story func(t *testing.T, w *storytest.World)) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) { story(t, storytest.New(t, vaulttest.On(e))) })
	}
}

func text(s string) client.Content { return client.Bytes("شهادة.txt", "text/plain", []byte(s)) }

func discard(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil }

func large() []byte {
	return bytes.Repeat([]byte("голос з підвалу бібліотеки "), 20_000)
}

// The whole story: seal, store, grant, open, refuse, revoke, refuse, feed.
func TestTheMainStory(t *testing.T) {
	each(t, func(t *testing.T, w *storytest.World) {
		ctx := t.Context()
		tid := w.Testimony(text("هذه شهادتي"), client.Bytes("voice.m4a", "audio/mp4", large()), text("not for others"))
		g := w.Grant(tid, 1, 2)
		inbox, err := w.Reader.Inbox(ctx)
		w.Must(err)
		if len(inbox) != 1 || inbox[0].ID != g {
			t.Fatalf("the inbox has %d grants", len(inbox))
		}
		for n, want := range map[int64][]byte{1: []byte("هذه شهادتي"), 2: large()} {
			if got, err := storytest.Open(ctx, w.Reader, g, n); err != nil || !bytes.Equal(got, want) {
				t.Errorf("part %d: %d bytes, %v", n, len(got), err)
			}
		}
		if _, err := storytest.Open(ctx, w.Reader, g, 3); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("the third part: %v, want ErrNotFound", err)
		}
		fetched, err := w.Her.Revoke(ctx, tid, g)
		if err != nil || len(fetched) != 2 || !fetched[0].Complete || !fetched[1].Complete {
			t.Errorf("revoking told %+v, %v", fetched, err)
		}
		if _, err := storytest.Open(ctx, w.Reader, g, 1); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("after revoking: %v, want ErrNotFound", err)
		}
		kinds := map[api.EventKind]int{}
		events, _, err := w.Her.Feed(ctx, tid)
		w.Must(err)
		for _, e := range events {
			kinds[e.Kind]++
		}
		if kinds[api.EventOpened] != 2 || kinds[api.EventGranted] != 1 || kinds[api.EventRevoked] != 1 {
			t.Errorf("the feed has %v", kinds)
		}
	})
}

// What arrives in plaintext is hers after she has looked at it, and can then be
// granted like the rest.
func TestArrivalsBecomeHers(t *testing.T) {
	each(t, func(t *testing.T, w *storytest.World) {
		ctx := t.Context()
		tid := w.Testimony()
		n, err := w.Her.AddOnArrival(ctx, tid, client.Bytes("voice.m4a", "audio/mp4", large()))
		w.Must(err)
		offer := client.Offer{Testimony: tid, Parts: []int64{n}, To: w.Readers.ID}
		if _, err := w.Her.Grant(ctx, offer); !errors.Is(err, client.ErrNotAdopted) {
			t.Errorf("granting before adopting: %v, want ErrNotAdopted", err)
		}
		w.Must(w.Her.Adopt(ctx, tid, n, client.SinkFunc(discard)))
		g := w.Grant(tid, n)
		if got, err := storytest.Open(ctx, w.Reader, g, n); err != nil || !bytes.Equal(got, large()) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}

// After a re-lock the remaining reader opens the same text under a new key.
func TestRelockCarriesReadersOver(t *testing.T) {
	each(t, func(t *testing.T, w *storytest.World) {
		ctx := t.Context()
		tid := w.Testimony(client.Bytes("voice.m4a", "audio/mp4", large()))
		g := w.Grant(tid, 1)
		carried, err := w.Her.Relock(ctx, tid, 1)
		if err != nil || len(carried) != 1 || carried[0] != g {
			t.Fatalf("carried %v, %v", carried, err)
		}
		if got, err := storytest.Open(ctx, w.Reader, g, 1); err != nil || !bytes.Equal(got, large()) {
			t.Errorf("the reader: %d bytes, %v", len(got), err)
		}
		if got, err := storytest.OpenOwn(ctx, w.Her, tid, 1); err != nil || !bytes.Equal(got, large()) {
			t.Errorf("she herself: %d bytes, %v", len(got), err)
		}
	})
}

// An erased testimony is gone for everybody, and a client that comes later still
// finds her chain whole.
func TestErasedIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *storytest.World) {
		ctx := t.Context()
		kept, tid := w.Testimony(text("kept")), w.Testimony(text("gone"))
		g := w.Grant(tid, 1)
		w.Must(w.Her.Erase(ctx, tid))
		if _, err := storytest.Open(ctx, w.Reader, g, 1); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("the reader: %v, want ErrNotFound", err)
		}
		later := w.Client(w.HerKeys)
		if list, err := later.List(ctx); err != nil || len(list) != 1 || list[0].ID != kept {
			t.Errorf("her list: %d entries, %v", len(list), err)
		}
		if got, err := storytest.OpenOwn(ctx, later, kept, 1); err != nil || string(got) != "kept" {
			t.Errorf("the other testimony: %q, %v", got, err)
		}
	})
}

// A suspended researcher opens nothing and is granted nothing.
func TestASuspendedResearcherIsOut(t *testing.T) {
	each(t, func(t *testing.T, w *storytest.World) {
		ctx := t.Context()
		tid := w.Testimony(text("text"))
		g := w.Grant(tid, 1)
		w.Must(w.Steward.Suspend(ctx, w.Readers.ID))
		if _, err := storytest.Open(ctx, w.Reader, g, 1); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("opening: %v, want ErrNotFound", err)
		}
		if _, err := w.Her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1}, To: w.Readers.ID}); !errors.Is(err, client.ErrNotAccredited) {
			t.Errorf("granting: %v, want ErrNotAccredited", err)
		}
	})
}
