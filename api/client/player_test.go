package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/samples"
	"github.com/relatingfield/vault/internal/statement"
)

// reel is the sample video, end to end often enough to be worth seeking in.
func reel(t testing.TB) []byte {
	t.Helper()
	files, err := samples.Files("")
	if err != nil {
		t.Fatal(err)
	}
	clip, err := fs.ReadFile(files, samples.Clip)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Repeat(clip, 12)
}

// shown is a video that somebody was let look at, on a line that counts.
type shown struct {
	*clienttest.World
	salma, reader *client.Client
	tid, grant    api.ID
	video         []byte
	line          *line
	requests      atomic.Int64
	fetched       atomic.Int64 // bytes of bodies
}

func newShown(t testing.TB) *shown {
	t.Helper()
	s := &shown{World: clienttest.NewWorld(t), video: reel(t), line: &line{}}
	s.salma, _ = s.Participant(t)
	first := s.Researcher(t, "Dr. Leyla")
	tid, err := s.salma.Create(context.Background(), client.Testimony{Title: "t", Parts: []client.Content{
		client.Bytes("clip.mp4", "", s.video), client.Bytes("other.mp4", "", s.video[:len(s.video)-1])}})
	if err != nil {
		t.Fatal(err)
	}
	s.tid = tid
	o := offer(tid, first, 1)
	o.Terms.Access = statement.View
	s.grant = granted(t, s.salma, o)
	s.line.heard = s.count
	s.reader = client.Over(first, &http.Client{Transport: s.line}, nil)
	pauses := new(int)
	client.DoNotPause(s.reader, pauses)
	return s
}

func isContent(resp *http.Response) bool { return strings.HasSuffix(resp.Request.URL.Path, "/content") }

func (s *shown) count(resp *http.Response) {
	if isContent(resp) {
		s.requests.Add(1)
		resp.Body = &tallied{resp.Body, &s.fetched}
	}
}

type tallied struct {
	io.ReadCloser
	n *atomic.Int64
}

func (b *tallied) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n.Add(int64(n))
	return n, err
}

func (s *shown) play(t testing.TB) *client.Player {
	t.Helper()
	p, err := s.reader.Play(context.Background(), s.grant, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// A player that seeks sees what she sealed, at every place, and fetches little more
// than it looks at; to her it is one opening.
func TestASealedVideoIsPlayedAtAnyPlace(t *testing.T) {
	s := newShown(t)
	p := s.play(t)
	if p.Size() != int64(len(s.video)) || p.Info.MediaType != "video/mp4" || p.Received.From != s.salma.Account() {
		t.Fatalf("%d bytes of %+v", p.Size(), p.Info)
	}
	const looks, length = 20, 10_000
	where := rand.New(rand.NewPCG(1, 2))
	for range looks {
		at := where.Int64N(int64(len(s.video) - length))
		got := make([]byte, length)
		if _, err := p.ReadAt(got, at); err != nil || !bytes.Equal(got, s.video[at:at+length]) {
			t.Fatalf("at %d: %v", at, err)
		}
	}
	if n := s.requests.Load(); n > looks+2 {
		t.Errorf("%d requests for %d looks", n, looks)
	}
	const atMost = (looks + 2) * 5 * (64 << 10)
	if n := s.fetched.Load(); n > atMost {
		t.Errorf("%d bytes fetched for %d looks", n, looks)
	}
	list, err := s.salma.Grants(context.Background(), s.tid)
	if err != nil || len(list[0].Openings) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

// Reading on does not ask for every chunk: the rest comes in one answer, and each
// byte once.
func TestPlayingOnIsOneAnswer(t *testing.T) {
	s := newShown(t)
	p := s.play(t)
	if got, err := io.ReadAll(p); err != nil || !bytes.Equal(got, s.video) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if n := s.requests.Load(); n > 4 {
		t.Errorf("%d requests", n)
	}
	if n := s.fetched.Load(); n > int64(len(s.video))*12/10 {
		t.Errorf("%d bytes fetched for %d", n, len(s.video))
	}
	before := s.requests.Load()
	if at, err := p.Seek(-5, io.SeekEnd); err != nil || at != int64(len(s.video)-5) || s.requests.Load() != before {
		t.Errorf("seeking: at %d, %v", at, err)
	}
	rest, err := io.ReadAll(p)
	if err != nil || !bytes.Equal(rest, s.video[len(s.video)-5:]) {
		t.Errorf("%q, %v", rest, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := p.ReadAt(make([]byte, 1), 0); err == nil {
		t.Error("a player that was closed goes on")
	}
}

// A line that breaks in the middle is taken up, and what was there is not fetched
// again.
func TestPlayingGoesOnOverABrokenLine(t *testing.T) {
	s := newShown(t)
	s.line.heard = func(resp *http.Response) {
		if isContent(resp) {
			resp.Body = &torn{resp.Body, 700_000}
		}
		s.count(resp)
	}
	p := s.play(t)
	if got, err := io.ReadAll(p); err != nil || !bytes.Equal(got, s.video) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if n := s.fetched.Load(); n > int64(len(s.video))*12/10 {
		t.Errorf("%d bytes fetched for %d", n, len(s.video))
	}
}

// Her word ends it: what was taken back gives no byte more, and what was locked anew
// is not mixed with what was there before.
func TestPlayingEndsWithTheGrant(t *testing.T) {
	for name, c := range map[string]struct {
		act  func(*shown) error
		want error
	}{
		"taken back": {func(s *shown) error {
			_, err := s.salma.Revoke(context.Background(), s.tid, s.grant)
			return err
		}, client.ErrTakenBack},
		"locked anew": {func(s *shown) error {
			_, err := s.salma.Relock(context.Background(), s.tid, 1)
			return err
		}, client.ErrChanged},
	} {
		s := newShown(t)
		p := s.play(t)
		if err := c.act(s); err != nil {
			t.Fatal(err)
		}
		n, err := p.ReadAt(make([]byte, 1000), 2<<20)
		if n != 0 || !errors.Is(err, c.want) {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
	}
}

// Whatever a server makes of ranges, no byte comes out that was not sealed there.
func TestAPlayerBelievesNoRange(t *testing.T) {
	const far = 3 << 20
	content := func(f func(*http.Response)) func(*shown) {
		return func(s *shown) {
			s.line.heard = func(resp *http.Response) {
				if isContent(resp) {
					f(resp)
				}
			}
		}
	}
	// lie changes the file as the vault has it.
	lie := func(f func(s *shown, b []byte) []byte) func(*shown) {
		return func(s *shown) {
			clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { *b = f(s, slices.Clone(*b)) })
		}
	}
	chunk := func(i int) int { return headerSize + 16 + i*(64<<10+16) }
	for name, c := range map[string]struct {
		lie  func(*shown)
		want error
	}{
		"ends early":          {content(func(r *http.Response) { r.Body = &torn{r.Body, 0} }), client.ErrUnavailable},
		"the whole file":      {content(func(r *http.Response) { r.StatusCode = http.StatusOK }), client.ErrNonsense},
		"another place":       {content(func(r *http.Response) { r.Header.Set("Content-Range", "bytes 0-99/5000000") }), client.ErrUntrusted},
		"no place":            {content(func(r *http.Response) { r.Header.Del("Content-Range") }), client.ErrNonsense},
		"two places":          {content(func(r *http.Response) { r.Header.Add("Content-Range", r.Header.Get("Content-Range")) }), client.ErrNonsense},
		"a place in words":    {content(func(r *http.Response) { r.Header.Set("Content-Range", "bytes +1-2/3") }), client.ErrNonsense},
		"another tag":         {content(func(r *http.Response) { r.Header.Set("ETag", `"x"`) }), client.ErrChanged},
		"no end":              {content(func(r *http.Response) { r.ContentLength, r.Body = -1, endless{} }), client.ErrNonsense},
		"no end, well headed": {content(func(r *http.Response) { r.Body = endless{} }), client.ErrPayloadSwapped},
		"a longer answer":     {content(func(r *http.Response) { r.ContentLength += 1 << 20 }), client.ErrNonsense},
		"swapped chunks": {lie(func(_ *shown, b []byte) []byte {
			x, y := slices.Clone(b[chunk(48):chunk(49)]), slices.Clone(b[chunk(49):chunk(50)])
			copy(b[chunk(48):], y)
			copy(b[chunk(49):], x)
			return b
		}), client.ErrPayloadSwapped},
		"a flipped bit": {lie(func(_ *shown, b []byte) []byte { b[chunk(48)+7] ^= 1; return b }), client.ErrPayloadSwapped},
		"cut short":     {lie(func(_ *shown, b []byte) []byte { return b[:len(b)-100] }), client.ErrPayloadSwapped},
		"grown":         {lie(func(_ *shown, b []byte) []byte { return append(b, 0) }), client.ErrPayloadSwapped},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShown(t)
			p := s.play(t)
			c.lie(s)
			n, err := p.ReadAt(make([]byte, 1000), far)
			if n != 0 || !errors.Is(err, c.want) {
				t.Errorf("%d bytes, %v, want %v", n, err, c.want)
			}
			if n := s.fetched.Load(); n > 2<<20 {
				t.Errorf("%d bytes were read of an answer that is none", n)
			}
		})
	}
}

// endless is a body of zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }
func (endless) Close() error               { return nil }

// What is not the part that was signed for does not begin to play.
func TestAPlayerDoesNotBeginWithAnotherPart(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(whole, other []byte) []byte
		want error
	}{
		"another header":  {func(w, o []byte) []byte { return slices.Concat(o[:headerSize], w[headerSize:]) }, client.ErrPartSwapped},
		"another payload": {func(w, o []byte) []byte { return slices.Concat(w[:headerSize], o[headerSize:]) }, client.ErrPayloadSwapped},
		"no age file":     {func(w, _ []byte) []byte { return make([]byte, len(w)) }, client.ErrPartSwapped},
		"the last chunk":  {func(w, _ []byte) []byte { w[len(w)-1] ^= 1; return w }, client.ErrPayloadSwapped},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShown(t)
			other := granted(t, s.salma, offer(s.tid, s.reader, 2))
			var whole []byte
			clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { whole = slices.Clone(*b) })
			if _, err := s.reader.Open(context.Background(), other, 2, &buffer{}); err != nil {
				t.Fatal(err)
			}
			clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { *b = c.lie(slices.Clone(*b), whole) })
			if p, err := s.reader.Play(context.Background(), s.grant, 1); p != nil || !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// She plays her own, and the containers of two parts of one length are told apart.
func TestSheSeeksInHerOwn(t *testing.T) {
	s := newShown(t)
	p, err := s.salma.PlayOwn(context.Background(), s.tid, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Seek(1_000_000, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 300_000)
	if _, err := io.ReadFull(p, got); err != nil || !bytes.Equal(got, s.video[1_000_000:1_300_000]) || p.Received != nil {
		t.Error(err)
	}
	if _, err := s.salma.PlayOwn(context.Background(), s.tid, 3); !errors.Is(err, client.ErrNotFound) {
		t.Error(err)
	}
}

// A re-lock that goes on reads the old part from where it was, and gets the same
// bytes as the one that reads all of it.
func TestARelockReadsOnFromAnyPlace(t *testing.T) {
	s := newShown(t)
	whole, err := client.PlaintextAt(context.Background(), s.salma, s.tid, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{0, 1, 64 << 10, 4_000_000, int64(len(whole)), int64(len(whole)) + 1} {
		rest, err := client.PlaintextAt(context.Background(), s.salma, s.tid, 1, at)
		if err != nil || !bytes.Equal(rest, whole[min(at, int64(len(whole))):]) {
			t.Errorf("from %d: %d bytes, %v", at, len(rest), err)
		}
	}
}
