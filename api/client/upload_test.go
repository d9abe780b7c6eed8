package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
)

// wire counts what goes out as payload, and breaks where a test says.
type wire struct {
	line
	sent int64             // bytes of payloads that left
	gone int               // PATCHes
	cut  func(n int) int64 // of the n-th PATCH, from 0: break behind so many bytes; negative: not
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPatch {
		r.Body = &leaking{r.Body, w, w.cut(w.gone)}
		w.gone++
	}
	return w.line.RoundTrip(r)
}

type leaking struct {
	io.ReadCloser
	w    *wire
	left int64
}

func (l *leaking) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, errLine
	}
	if l.left > 0 {
		p = p[:min(int64(len(p)), l.left)]
	}
	n, err := l.ReadCloser.Read(p)
	l.left -= int64(n)
	l.w.sent += int64(n)
	return n, err
}

func never(int) int64 { return -1 }

// breaking is a client of somebody's on a wire, that does not wait.
func breaking(t testing.TB, w *clienttest.World, keys *client.Keys, cut func(int) int64) (*client.Client, *wire) {
	t.Helper()
	out := &wire{cut: cut}
	c := w.ClientWith(t, client.Config{Keys: keys, HTTP: &http.Client{Transport: out}})
	client.DoNotPause(c, new(int))
	return c, out
}

// noise cannot be compressed, and is the same each time.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = mathrand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

const (
	video    = 3<<20 + 777
	buffer64 = 64 << 10 // more than a transport holds back
)

// opens checks that a part is stored and opens to a content.
func opens(t *testing.T, c *client.Client, tid api.ID, n int64, want []byte) {
	t.Helper()
	var b buffer
	if err := c.OpenOwn(context.Background(), tid, n, &b); err != nil || b.String() != string(want) {
		t.Errorf("part %d opens to %d bytes, %v", n, b.Len(), err)
	}
}

// begins are her begin statements for a testimony, in order.
func begins(t *testing.T, w *clienttest.World, keys *client.Keys) (keysBegun map[string]bool, numbers []int64) {
	t.Helper()
	keysBegun = map[string]bool{}
	for _, e := range w.Vault.Chain(keys.ID) {
		if b := begin(t, e.Statement); b != nil {
			keysBegun[b.HeaderSHA256+b.Nonce] = true
			numbers = append(numbers, b.N)
		}
	}
	return keysBegun, numbers
}

// A line that breaks again and again costs time and nothing else: as long as
// something arrives in between, the upload goes on where it was, under the key with
// which it was begun.
func TestALineThatKeepsBreakingIsOnlySlow(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	c, out := breaking(t, w, keys, func(n int) int64 { return int64(50_000 + 7919*(n%11)) })
	n, err := c.AddPart(context.Background(), tid, client.Bytes("video.mp4", "", noise(video)))
	if err != nil {
		t.Fatal(err)
	}
	opens(t, salma, tid, n, noise(video))
	if out.gone < 20 || out.sent > video*33/32+int64(out.gone)*buffer64 {
		t.Errorf("%d bytes in %d goes for %d", out.sent, out.gone, video)
	}
	if _, numbers := begins(t, w, keys); len(numbers) != 2 {
		t.Errorf("begun: %v", numbers)
	}
}

// Where nothing arrives any more it says so, after a bounded number of tries, and
// what has arrived stays.
func TestALineThatIsDeadIsGivenUp(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	c, out := breaking(t, w, keys, func(n int) int64 {
		if n == 0 {
			return 1 << 20
		}
		return 0
	})
	_, err := c.AddPart(context.Background(), tid, client.Bytes("video.mp4", "", noise(video)))
	if !errors.Is(err, client.ErrUnavailable) || out.gone > 12 {
		t.Errorf("%d goes, %v", out.gone, err)
	}
	if there := w.Vault.Uploads(tid)[4]; there < 1<<20-buffer64 || there > 1<<20 {
		t.Errorf("%d bytes are there", there)
	}
}

// A file that changes while its upload is broken is not gone on with: nothing of
// the change leaves, and one key never seals two contents.
func TestAFileThatChangesIsNotGoneOnWith(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	c, out := breaking(t, w, keys, func(int) int64 { return 1 << 20 })
	content, readings := client.Bytes("video.mp4", "", noise(video)), 0
	content.Open = func() (io.ReadCloser, error) {
		b := noise(video)
		if readings++; readings > 2 { // one for the nonce, one until the line broke
			b[2<<20] ^= 1
		}
		return io.NopCloser(bytes.NewReader(b)), nil
	}
	_, err := c.AddPart(context.Background(), tid, content)
	if !errors.Is(err, client.ErrFileChanged) || !errors.Is(err, client.ErrRefused) {
		t.Errorf("%v", err)
	}
	if out.sent > 2<<20 {
		t.Errorf("%d bytes left", out.sent)
	}
}

// A re-lock goes on too: the old content is read again and compared.
func TestARelockGoesOnWhereTheLineBroke(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	n, err := salma.AddPart(context.Background(), tid, client.Bytes("video.mp4", "", noise(video)))
	if err != nil {
		t.Fatal(err)
	}
	c, out := breaking(t, w, keys, func(n int) int64 { return 400_000 + int64(n) })
	if _, err := c.Relock(context.Background(), tid, n); err != nil {
		t.Fatal(err)
	}
	opens(t, w.Client(t, keys), tid, n, noise(video))
	if out.gone < 5 || out.sent > video*33/32+int64(out.gone)*buffer64 {
		t.Errorf("%d bytes in %d goes", out.sent, out.gone)
	}
}

// An upload whose slot is taken away under its hands begins anew, under another
// key.
func TestAnUploadThatIsTakenAwayBeginsAnew(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	var c *client.Client
	c, _ = breaking(t, w, keys, func(n int) int64 {
		if n == 1 {
			if err := salma.Abandon(context.Background(), tid, 4); err != nil {
				t.Error(err)
			}
		}
		return 1<<20 - int64(n)
	})
	n, err := c.AddPart(context.Background(), tid, client.Bytes("video.mp4", "", noise(video)))
	if err != nil {
		t.Fatal(err)
	}
	opens(t, salma, tid, n, noise(video))
	if used, numbers := begins(t, w, keys); len(used) != 3 || len(numbers) != 3 {
		t.Errorf("begun: %v", numbers)
	}
}

// A large file is looked through before anything of its testimony is there: whoever
// stops in that time leaves nothing empty behind.
func TestALargeFileIsReadBeforeItsTestimonyIsMade(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	content, signed := client.Bytes("video.mp4", "", noise(video)), []int{}
	open := content.Open
	content.Open = func() (io.ReadCloser, error) {
		signed = append(signed, len(w.Vault.Chain(keys.ID)))
		return open()
	}
	tid, err := salma.Create(context.Background(), client.Testimony{Title: "Winter", Parts: []client.Content{client.Bytes("a", "", []byte("a")), content}})
	if err != nil || len(signed) != 2 || signed[0] != 1 {
		t.Fatalf("read after %v statements, %v", signed, err)
	}
	opens(t, salma, tid, 2, noise(video))
}

// A vault that cannot take the bytes now, or thinks that it has others, is asked how
// much it has, and the upload goes on under the same key.
func TestAVaultThatSaysNotNowIsAskedAgain(t *testing.T) {
	for _, name := range []api.ProblemName{api.ProblemUploadOffset, api.ProblemUploadLocked, api.ProblemUnavailable, api.ProblemInternal, api.ProblemUseDPoPNonce} {
		w := clienttest.NewWorld(t)
		salma, keys := w.Participant(t)
		tid := told(t, salma)
		c, out := breaking(t, w, keys, never)
		w.Vault.Before = func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPatch || out.gone > 2 {
				return false
			}
			rw.Header().Set("Content-Type", api.MediaProblem)
			rw.WriteHeader(name.Status())
			_, _ = rw.Write([]byte(`{"type":"` + name.Type() + `","title":"no"}`))
			return true
		}
		n, err := c.AddPart(context.Background(), tid, client.Bytes("video.mp4", "", noise(video)))
		if err != nil || out.gone != 3 {
			t.Fatalf("%s: %d goes, %v", name, out.gone, err)
		}
		opens(t, salma, tid, n, noise(video))
		if _, numbers := begins(t, w, keys); len(numbers) != 2 {
			t.Errorf("%s: begun %v", name, numbers)
		}
	}
}

// Somebody who waits is told how far it is, never backwards within a go, to the end.
func TestProgressIsTold(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	tid := told(t, salma)
	content := client.Bytes("video.mp4", "", noise(video))
	var last, total int64
	content.Watch = func(done, of int64) {
		if done < last {
			t.Errorf("%d after %d", done, last)
		}
		last, total = done, of
	}
	if _, err := salma.AddPart(context.Background(), tid, content); err != nil || last != total || total < video {
		t.Errorf("%d of %d, %v", last, total, err)
	}
}

// A line that takes nothing any more is given up after a while; one that is only
// slow, and content that takes its time, are waited for.
func TestALineThatTakesNothingIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var why error
		slow := slowly{client.UploadStallAfter * 3}
		r := client.Paced(io.NopCloser(slow), func(err error) { why = err })
		for range 3 {
			if _, err := r.Read(make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
			<-time.After(client.UploadStallAfter - time.Second)
		}
		if why != nil {
			t.Fatalf("a slow line: %v", why)
		}
		<-time.After(2 * time.Second)
		synctest.Wait()
		if !errors.Is(why, client.ErrUnavailable) {
			t.Errorf("a dead line: %v", why)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// slowly takes its time for each read.
type slowly struct{ time.Duration }

func (s slowly) Read(p []byte) (int, error) {
	<-time.After(s.Duration)
	return len(p), nil
}
