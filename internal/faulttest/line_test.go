package faulttest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/linetest"
	"github.com/relatingfield/vault/internal/statement"
)

// spoiler breaks the line in one request of many, and mends it before the next.
type spoiler struct {
	line  *linetest.Line
	base  http.RoundTripper
	toxic linetest.Toxic
	which int // of the requests, from 1; 0: none

	mu     sync.Mutex
	asked  int
	spoilt bool
}

func (s *spoiler) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := s.next(r.Context()); err != nil {
		return nil, err
	}
	return s.base.RoundTrip(r)
}

func (s *spoiler) next(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.spoilt {
		s.spoilt = false
		return s.line.Mend(ctx)
	}
	if s.asked != s.which {
		return nil
	}
	s.spoilt = true
	return s.line.Spoil(ctx, s.toxic)
}

// arm begins to count anew.
func (s *spoiler) arm(which int, toxic linetest.Toxic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.which, s.toxic = 0, which, toxic
}

// requests is how many there were, and whether the one to be spoilt was among them.
func (s *spoiler) met() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked >= s.which
}

// act is one thing that is done over a bad line.
type act struct {
	// prepare makes what it needs over a sound line.
	prepare func(w *world, s *spoiler) scene
}

// scene is an act ready to be done.
type scene struct {
	do   func(ctx context.Context) error
	done func(ctx context.Context) (times int, err error) // found out over a sound line
	// once says that what was sent cannot be sent again by itself.
	once bool
}

func acts() map[string]act {
	return map[string]act{
		"sign in":      {signIn},
		"tell":         {tell},
		"add a large":  {addLarge},
		"hand over":    {handOver},
		"grant":        {giveGrant},
		"revoke":       {revoke},
		"open":         {open},
		"open her own": {openOwn},
		"erase":        {erase},
	}
}

// A line that is cut after any number of bytes, in either direction, in any
// request of any act, leaves the act done once or not at all, and the client says
// which, or that it does not know. Most acts come to their end by themselves.
func TestACutLineLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	proxy := linetest.New(t)
	w := begin(t)
	for name, a := range acts() {
		line, err := proxy.Line(t.Context(), w.Addr())
		must(t, err)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(7, uint64(len(name))))
			mine := &world{w.World, t, w.dir}
			for which, met := 1, true; met; which++ {
				if which > 20 {
					t.Fatal("an act of more than twenty requests")
				}
				for _, d := range []linetest.Direction{linetest.Up, linetest.Down} {
					s := &spoiler{line: line, base: through(line.Addr)}
					sc := a.prepare(mine, s)
					s.arm(which, linetest.CutAfter(d, dice.IntN(1200)))
					err := sc.do(t.Context())
					met = s.met()
					must(t, line.Mend(t.Context()))
					sc.judge(t, fmt.Sprintf("request %d, %s", which, d), err)
				}
			}
		})
	}
}

// judge holds what a client said against what is there.
func (sc scene) judge(t *testing.T, when string, said error) {
	t.Helper()
	times, err := sc.done(t.Context())
	if err != nil {
		t.Fatalf("%s: %v (the client said %v)", when, err, said)
	}
	switch {
	case said == nil && times != 1:
		t.Errorf("%s: it was said to be done, and was %d times", when, times)
	case said != nil && !errors.Is(said, client.ErrUnavailable):
		t.Errorf("%s: a broken line is no reason for %v", when, said)
	case said != nil && times > 1:
		t.Errorf("%s: it was done %d times", when, times)
	case said != nil && !sc.once:
		t.Errorf("%s: the client could have sent it again: %v", when, said)
	}
}

// over gives somebody's client over the spoilt line.
func over(w *world, keys *client.Keys, s *spoiler) *client.Client {
	w.t.Helper()
	c, err := w.Client(keys, s)
	must(w.t, err)
	return c
}

// whole counts what somebody has, once all of it was found whole.
func whole(o *faulttest.Woman, count func([]client.Listed) int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		list, err := o.Check(ctx)
		return count(list), err
	}
}

func signIn(w *world, s *spoiler) scene {
	o := w.woman()
	return scene{
		do:   func(ctx context.Context) error { _, err := over(w, o.Keys, s).List(ctx); return err },
		done: whole(o, func(l []client.Listed) int { return 1 + len(l) }),
	}
}

func tell(w *world, s *spoiler) scene {
	o := w.woman()
	return scene{
		do: func(ctx context.Context) error {
			_, err := over(w, o.Keys, s).Create(ctx, client.Testimony{Title: "شهادة", Language: "ar", Parts: []client.Content{faulttest.Content(900, 3)}})
			return err
		},
		done: whole(o, func(l []client.Listed) int { return len(l) }),
	}
}

// large is beyond what lies in a row.
const large = 300_000

func addLarge(w *world, s *spoiler) scene {
	o := w.told(0)
	return scene{
		do: func(ctx context.Context) error {
			_, err := over(w, o.Keys, s).AddPart(ctx, o.testimony, faulttest.Content(large, 4))
			return err
		},
		done: whole(o.Woman, func(l []client.Listed) int { return l[0].Parts - 1 }),
	}
}

func handOver(w *world, s *spoiler) scene {
	o := w.told(0)
	return scene{
		once: true, // plaintext is never kept to be sent again
		do: func(ctx context.Context) error {
			_, err := over(w, o.Keys, s).AddOnArrival(ctx, o.testimony, faulttest.Content(large, 5))
			return err
		},
		done: func(ctx context.Context) (int, error) {
			shown, err := o.Show(ctx, o.testimony)
			if err != nil {
				return 0, err
			}
			return len(shown.Details) - 1, nil
		},
	}
}

func giveGrant(w *world, s *spoiler) scene {
	o := w.told(0)
	return scene{
		do: func(ctx context.Context) error {
			_, err := over(w, o.Keys, s).Grant(ctx, client.Offer{Testimony: o.testimony, Parts: []int64{1}, To: o.reader.Account(), Terms: api.Terms{Access: statement.View}})
			return err
		},
		done: func(ctx context.Context) (int, error) {
			list, err := o.Grants(ctx, o.testimony)
			return len(list) - 1, err
		},
	}
}

func revoke(w *world, s *spoiler) scene {
	o := w.told(0)
	return scene{
		do: func(ctx context.Context) error {
			_, err := over(w, o.Keys, s).Revoke(ctx, o.testimony, o.grant)
			return err
		},
		done: func(ctx context.Context) (int, error) {
			_, err := o.reader.Open(ctx, o.grant, 1, faulttest.Into(new(bytes.Buffer)))
			if errors.Is(err, client.ErrNotFound) {
				return 1, nil
			}
			return 0, err
		},
	}
}

func open(w *world, s *spoiler) scene {
	o := w.told(large)
	var got bytes.Buffer
	reader, keys, err := w.People.Researcher(w.t.Context(), "Dr. Far")
	must(w.t, err)
	made, err := o.Grant(w.t.Context(), client.Offer{Testimony: o.testimony, Parts: []int64{2}, To: reader.Account(), Terms: api.Terms{Access: statement.Download}})
	must(w.t, err)
	return scene{
		once: true, // whoever opens decides whether to open again
		do: func(ctx context.Context) error {
			_, err := over(w, keys, s).Open(ctx, made.ID, 2, faulttest.Into(&got))
			return err
		},
		done: func(ctx context.Context) (int, error) { return right(&got, 2), nil },
	}
}

func openOwn(w *world, s *spoiler) scene {
	o := w.told(large)
	var got bytes.Buffer
	return scene{
		once: true,
		do: func(ctx context.Context) error {
			return over(w, o.Keys, s).OpenOwn(ctx, o.testimony, 2, faulttest.Into(&got))
		},
		done: func(ctx context.Context) (int, error) { return right(&got, 2), nil },
	}
}

// right says whether it is what was told.
func right(got *bytes.Buffer, seed byte) int {
	r, err := faulttest.Content(large, seed).Open()
	if err != nil {
		return 0
	}
	defer r.Close()
	var want bytes.Buffer
	if _, err := want.ReadFrom(r); err == nil && bytes.Equal(want.Bytes(), got.Bytes()) {
		return 1
	}
	return 0
}

func erase(w *world, s *spoiler) scene {
	o := w.told(0)
	return scene{
		do:   func(ctx context.Context) error { return over(w, o.Keys, s).Erase(ctx, o.testimony) },
		done: whole(o.Woman, func(l []client.Listed) int { return 1 - len(l) }),
	}
}

// Lines that are slow, crumbled and late in one direction only carry everything.
func TestABadLineCarriesEverything(t *testing.T) {
	t.Parallel()
	proxy := linetest.New(t)
	w := begin(t)
	for name, toxics := range map[string][]linetest.Toxic{
		"late":       {linetest.Latency(linetest.Up, 80*time.Millisecond, 40*time.Millisecond), linetest.Latency(linetest.Down, 80*time.Millisecond, 40*time.Millisecond)},
		"asymmetric": {linetest.Slow(linetest.Up, 400), linetest.Latency(linetest.Down, 150*time.Millisecond, 0)},
		"crumbled":   {linetest.Crumble(linetest.Up, 700, 200*time.Microsecond), linetest.Crumble(linetest.Down, 900, 200*time.Microsecond)},
	} {
		line, err := proxy.Line(t.Context(), w.Addr())
		must(t, err)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, mine := t.Context(), &world{w.World, t, w.dir}
			o := mine.told(0)
			must(t, line.Spoil(ctx, toxics...))
			c, err := w.Client(o.Keys, through(line.Addr))
			must(t, err)
			n, err := c.AddPart(ctx, o.testimony, faulttest.Content(large, 6))
			must(t, err)
			var got bytes.Buffer
			must(t, c.OpenOwn(ctx, o.testimony, n, faulttest.Into(&got)))
			if right(&got, 6) != 1 {
				t.Error("something else came back")
			}
			_, err = c.Revoke(ctx, o.testimony, o.grant)
			must(t, err)
			if _, err := o.Check(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}
