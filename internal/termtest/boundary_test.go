package termtest_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
)

// way is one way to ask for a part.
type way struct {
	name, method string
	header       http.Header
	live         int // the status while the grant is live
}

// ways are all that HTTP knows of asking for a file, in whole, in part, and only
// if. etag is the file's, once it is known.
func ways(etag string) []way {
	get, h := http.MethodGet, func(pairs ...string) http.Header {
		out := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			out.Set(pairs[i], pairs[i+1])
		}
		return out
	}
	hour := time.Hour
	forged := func(by time.Duration) string { return time.Now().Add(by).UTC().Format(http.TimeFormat) }
	return []way{
		{"plainly", get, nil, 200},
		{"for a range", get, h("Range", "bytes=0-99"), 206},
		{"for the header's bytes", get, h("Range", "bytes=-99999999"), 206},
		{"for what is behind the header", get, h("Range", "bytes=2000-2099"), 206},
		{"for several ranges", get, h("Range", "bytes=0-9,20-29"), 200},
		{"for a range of nothing", get, h("Range", "bytes=99999999-"), 416},
		{"to go on", get, h("Range", "bytes=100-199", "If-Range", etag), 206},
		{"to go on with another file", get, h("Range", "bytes=100-199", "If-Range", `"x"`), 200},
		{"to go on with the opening", get, h(api.HeaderOpening, api.OpeningGoesOn), 200},
		{"for the rest of the opening", get, h(api.HeaderOpening, api.OpeningGoesOn, "Range", "bytes=100-", "If-Range", etag), 206},
		{"for a part of its end", get, h("Range", "bytes=-100"), 206},
		{"for more than there is", get, h("Range", "bytes=100-99999999"), 206},
		{"unless it is the same", get, h("If-None-Match", etag), 200},
		{"unless it is there", get, h("If-None-Match", "*"), 200},
		{"if it is the same", get, h("If-Match", etag), 200},
		{"if it is newer", get, h("If-Modified-Since", forged(-hour)), 200},
		{"if it is older", get, h("If-Unmodified-Since", forged(hour)), 200},
		{"by a clock that runs ahead", get, h("Date", forged(9000*hour)), 200},
		{"by a clock that runs behind", get, h("Date", forged(-9000*hour)), 200},
		{"for its head", http.MethodHead, nil, 405},
		{"by sending something", http.MethodPost, nil, 405},
	}
}

// ask asks for part 1 and gives the status and what else was told.
func (w *world) ask(a way) (status int, header http.Header, body string) {
	w.t.Helper()
	req := w.reader.Request(a.method, fmt.Sprintf("/v1/inbox/%s/parts/1/content", w.grant), nil)
	for name, values := range a.header {
		req.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	w.must(err)
	return resp.StatusCode, resp.Header, string(b)
}

// shut wants every way refused like an unknown grant, without a word about the file.
func (w *world) shut(when, etag string) {
	w.t.Helper()
	for _, a := range ways(etag) {
		want := http.StatusNotFound
		if a.live == http.StatusMethodNotAllowed {
			want = a.live
		}
		status, header, body := w.ask(a)
		if status != want || header.Get("ETag")+header.Get("Content-Range")+header.Get("Accept-Ranges") != "" || len(body) > 1000 {
			w.t.Errorf("%s the reader asked %s and got %d (%d bytes) %v", when, a.name, status, len(body), header)
		}
	}
}

// listed is how the grant stands in the inbox, by both its routes; empty when it is
// not there.
func (w *world) listed() (state api.GrantState) {
	w.t.Helper()
	inbox, err := w.reader.Inbox(w.t.Context())
	w.must(err)
	if len(inbox) == 1 && inbox[0].Err == nil {
		state = inbox[0].State
	}
	one, err := w.reader.Granted(w.t.Context(), w.grant)
	if (err == nil) != (state != "") || err == nil && one.State != state {
		w.t.Errorf("in the list it is %q, alone %v (%v)", state, one, err)
	}
	return state
}

// One second before its time a part is shut on every way there is, whatever a
// client says about the time; at its first second and its last every way is open,
// at its end every way is shut again, for a session that was begun as well.
func TestEveryWayIsShutBeforeAndAfterTheTerm(t *testing.T) {
	each(t, 2*hour, 4*hour, 100, func(w *world) {
		w.at(2*hour - 1)
		w.shut("one second before", `"x"`)
		if got := w.listed(); got != api.GrantWaiting {
			t.Errorf("one second before it stands as %q", got)
		}
		if n := w.openings(); n != 0 {
			t.Errorf("%d openings before the beginning", n)
		}
		etag := ""
		for _, at := range []int64{2 * hour, 4*hour - 1} {
			w.at(at)
			_, etag = w.read(nil)
			for _, a := range ways(etag) {
				if status, _, _ := w.ask(a); status != a.live {
					t.Errorf("after %d seconds the reader asked %s and got %d, want %d", at, a.name, status, a.live)
				}
			}
			if got := w.listed(); got != api.GrantLive {
				t.Errorf("after %d seconds it stands as %q", at, got)
			}
		}
		for _, at := range []int64{4 * hour, 4*hour + 1, 400 * day} {
			w.at(at)
			w.shut(fmt.Sprintf("after %d seconds", at), etag)
			if got := w.listed(); got != "" {
				t.Errorf("after %d seconds it stands as %q", at, got)
			}
		}
		if n := w.openings(); n != 1 {
			t.Errorf("%d openings, want the one session", n)
		}
	})
}

// A reader whose own clock is hours off, either way, gets nothing for it: the
// client counts from the vault's time, and the vault from its own.
func TestAReadersClockDoesNotCount(t *testing.T) {
	each(t, 2*hour, 4*hour, 100, func(w *world) {
		for _, m := range []moment{{2*hour - 1, 404}, {2 * hour, 200}, {4*hour - 1, 200}, {4 * hour, 404}} {
			w.at(m.at)
			for _, off := range []time.Duration{-50 * time.Hour, -3 * time.Hour, 3 * time.Hour, 50 * time.Hour} {
				door := *w.door
				door.Now = func() time.Time { return w.vault.Clock.Now().Add(off) }
				there := *w
				there.reader = w.reader.At(&door)
				if got, _ := there.read(nil); got != m.status {
					t.Errorf("with a clock that is %s off the reader got %d after %d seconds, want %d", off, got, m.at, m.status)
				}
			}
		}
	})
}

// What is paused is shut on every way as well, and what is used up once its
// session is over.
func TestEveryWayIsShutWhilePausedAndWhenUsedUp(t *testing.T) {
	each(t, 0, 300*day, 100, func(w *world) {
		_, etag := w.read(nil)
		w.must(w.her.Pause(w.t.Context(), w.told))
		w.shut("paused", etag)
		w.must(w.her.Lift(w.t.Context(), w.told))
		w.answers(moment{1, 200})
		offer := w.offer(w.begin, w.begin+300*day)
		offer.Terms.MaxReads = 1
		g, err := w.her.Grant(w.t.Context(), offer)
		w.must(err)
		w.grant = g.ID
		w.answers(moment{1, 200}, moment{day, 200})
		w.at(day + 1)
		w.shut("used up", etag)
	})
}
