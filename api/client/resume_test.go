package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
)

// halfway is a vault in which the upload of a video broke off for good, on a
// machine that is gone. n is its number, and she has two small parts and a large
// one beside it.
type halfway struct {
	*clienttest.World
	keys *client.Keys
	tid  api.ID
	n    int64
}

const there = 1<<20 + 100_000 // bytes of it that left before the line broke

func newHalfway(t testing.TB, sent int64) *halfway {
	t.Helper()
	h := &halfway{World: clienttest.NewWorld(t), n: 4}
	salma, keys := h.Participant(t)
	h.keys, h.tid = keys, told(t, salma)
	c, _ := breaking(t, h.World, keys, func(n int) int64 {
		if n == 0 {
			return sent
		}
		return 0
	})
	if _, err := c.AddPart(context.Background(), h.tid, recording()); !errors.Is(err, client.ErrUnavailable) {
		t.Fatalf("%v", err)
	}
	return h
}

func recording() client.Content {
	c := client.Bytes("شهادتي.mp4", "", noise(video))
	c.Info.People = []api.Person{{Role: "speaker", Name: "سلمى"}}
	return c
}

// elsewhere is another machine, with her words and nothing else.
func (h *halfway) elsewhere(t testing.TB) (*client.Client, *wire) {
	t.Helper()
	return breaking(t, h.World, h.keys, never)
}

// On another machine, with her words and the same file, the upload goes on where it
// was, whatever the file is called now, and what was said of it stays.
func TestAnUploadGoesOnFromAnotherMachine(t *testing.T) {
	ctx := context.Background()
	for _, where := range []string{"its testimony", "any"} {
		h := newHalfway(t, there)
		c, out := h.elsewhere(t)
		before := h.Vault.Uploads(h.tid)[h.n]
		in := h.tid
		if where == "any" {
			in = ""
		}
		r, err := c.FindUnfinished(ctx, in, client.Bytes("copy of it", "video/mp4", noise(video)))
		if err != nil || r == nil || r.N != h.n || r.Testimony != h.tid || r.Received != before || r.Info.Name != "شهادتي.mp4" {
			t.Fatalf("in %s: %+v, %v", where, r, err)
		}
		n, err := c.Resume(ctx, r)
		if err != nil || n != h.n {
			t.Fatalf("in %s: %d, %v", where, n, err)
		}
		if whole := r.Length; out.sent != whole-before || out.gone != 1 {
			t.Errorf("in %s: %d bytes in %d goes, %d of %d were there", where, out.sent, out.gone, before, whole)
		}
		var b buffer
		if err := c.OpenOwn(ctx, h.tid, n, &b); err != nil || b.String() != string(noise(video)) || b.info.People[0].Name != "سلمى" {
			t.Errorf("in %s: %d bytes, %+v, %v", where, b.Len(), b.info, err)
		}
		if used, _ := begins(t, h.World, h.keys); len(used) != 2 {
			t.Errorf("in %s: a key was begun", where)
		}
	}
}

// When everything had arrived and only her word was missing, nothing is sent.
func TestAnUploadThatOnlyLacksHerWordIsNotSentAgain(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	c, out := breaking(t, w, keys, never)
	out.before = func(r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/add") {
			return errLine
		}
		return nil
	}
	if _, err := c.AddPart(ctx, tid, recording()); !errors.Is(err, client.ErrUnavailable) {
		t.Fatal(err)
	}
	c, out = breaking(t, w, keys, never)
	r, err := c.FindUnfinished(ctx, tid, recording())
	if err != nil || r == nil || r.Received != r.Length {
		t.Fatalf("%+v, %v", r, err)
	}
	if n, err := c.Resume(ctx, r); err != nil || n != 4 || out.gone != 0 {
		t.Errorf("%d, %d goes, %v", n, out.gone, err)
	}
	opens(t, c, tid, 4, noise(video))
}

// A file that is not the same, be it by one bit, a byte more or less, or another
// file of the same name, is refused before a byte of it is sent.
func TestAChangedFileIsRefusedBeforeAByteIsSent(t *testing.T) {
	ctx := context.Background()
	h := newHalfway(t, there)
	bent := noise(video)
	bent[video-1] ^= 1
	for name, content := range map[string][]byte{"one bit": bent, "a byte more": append(noise(video), 0), "a byte less": noise(video)[:video-1], "another": noise(video + 1)[:video]} {
		c, out := h.elsewhere(t)
		r, err := c.FindUnfinished(ctx, h.tid, client.Bytes("شهادتي.mp4", "", content))
		var other *client.OtherContent
		if r != nil || !errors.As(err, &other) || other.Begun.N != h.n || !errors.Is(err, client.ErrRefused) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if out.sent != 0 || out.gone != 0 {
			t.Errorf("%s: %d bytes were sent", name, out.sent)
		}
	}
	c, _ := h.elsewhere(t)
	if r, err := c.FindUnfinished(ctx, h.tid, client.Bytes("another name.mp4", "", bent)); r != nil || err != nil {
		t.Errorf("another file under another name: %+v, %v", r, err)
	}
}

// What was said of a file is sealed in with it: saying something else now is a
// refusal, saying nothing is not.
func TestWhatWasSaidOfAnUploadStays(t *testing.T) {
	ctx := context.Background()
	h := newHalfway(t, there)
	c, out := h.elsewhere(t)
	content := recording()
	content.Info.People = []api.Person{{Role: "speaker", Pseudonym: "N."}}
	if r, err := c.FindUnfinished(ctx, h.tid, content); r != nil || !errors.Is(err, client.ErrRefused) || out.gone != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	redacted := recording()
	redacted.Info.Kind, redacted.Info.DerivedFrom = "redacted", 1
	if r, err := c.FindUnfinished(ctx, h.tid, redacted); r != nil || err != nil {
		t.Errorf("a copy is taken for the original: %+v, %v", r, err)
	}
}

// Of an upload that had hardly begun nobody can tell what it was: it begins again
// under a new key and its own number, and leaves nothing behind.
func TestAnUploadThatHadHardlyBegunBeginsAgain(t *testing.T) {
	ctx := context.Background()
	h := newHalfway(t, 5000)
	c, out := h.elsewhere(t)
	r, err := c.FindUnfinished(ctx, h.tid, recording())
	if err != nil || r == nil || r.Known() {
		t.Fatalf("%+v, %v", r, err)
	}
	n, err := c.Resume(ctx, r)
	if err != nil || n != h.n || out.sent != r.Length {
		t.Fatalf("%d, %d bytes, %v", n, out.sent, err)
	}
	opens(t, c, h.tid, n, noise(video))
	if used, numbers := begins(t, h.World, h.keys); len(used) != 3 || numbers[2] != h.n || len(h.Vault.Uploads(h.tid)) != 0 {
		t.Errorf("begun: %v", numbers)
	}
}

// Unfinished uploads are listed with what they are, how much is there and until
// when, and can be given up.
func TestUnfinishedUploadsAreListedAndGivenUp(t *testing.T) {
	ctx := context.Background()
	h := newHalfway(t, there)
	c, _ := h.elsewhere(t)
	for _, in := range []api.ID{h.tid, ""} {
		list, err := c.Unfinished(ctx, in)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		u := list[0]
		if u.N != h.n || u.Info.Name != "شهادتي.mp4" || u.Size != video || u.Received != h.Vault.Uploads(h.tid)[h.n] || u.Until <= h.Now().Unix() || u.Relock {
			t.Errorf("%+v", u)
		}
	}
	if err := c.Abandon(ctx, h.tid, h.n); err != nil {
		t.Fatal(err)
	}
	if list, err := c.Unfinished(ctx, ""); err != nil || len(list) != 0 || len(h.Vault.Uploads(h.tid)) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := c.Abandon(ctx, h.tid, h.n); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("given up twice: %v", err)
	}
}

// What is stored already is known again, by whoever has her words and the file,
// and only as what it was stored as.
func TestWhatIsStoredIsKnownAgain(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	n, err := salma.AddPart(ctx, tid, recording())
	if err != nil {
		t.Fatal(err)
	}
	other, said, copied := recording(), recording(), recording()
	other.Open = client.Bytes("", "", noise(video + 1)[:video]).Open
	said.Info.People = []api.Person{{Role: "speaker", Pseudonym: "N."}}
	copied.Info.Kind, copied.Info.DerivedFrom = "redacted", 1
	for name, c := range map[string]struct {
		content client.Content
		want    int64
	}{
		"a large one":         {recording(), n},
		"a small one":         {client.Bytes("story.txt", "", []byte(story)), 1},
		"another small one":   {client.Bytes("story.txt", "", []byte(story+".")), 0},
		"another large one":   {other, 0},
		"another name":        {client.Bytes("tale.txt", "", []byte(story)), 0},
		"something new said":  {said, 0},
		"a copy of another":   {copied, 0},
		"one of its own size": {client.Bytes("x", "", noise(700_000)), 0},
	} {
		if got, err := w.Client(t, keys).FindStored(ctx, tid, c.content); got != c.want || err != nil {
			t.Errorf("%s: part %d, %v", name, got, err)
		}
	}
}
