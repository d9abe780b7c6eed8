// Package termtest holds the vault's terms against a clock, over HTTP: one second
// before a limit and at it (promise P5, and the sessions of readers).
package termtest_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// large is more than kernels hold between two programs, in bytes.
const large = 12 << 20

// hour and day are in seconds.
const hour, day = 3600, 24 * 3600

// world is a vault whose clock stands, with one granted part.
type world struct {
	t      *testing.T
	vault  *vaulttest.Vault
	begin  int64 // where the clock stood in the beginning, Unix seconds
	door   *peopletest.Door
	her    *peopletest.Person
	reader *peopletest.Person
	told   api.ID // the testimony
	grant  api.ID
}

// each runs f on both engines with a grant from and until some seconds after the
// beginning, to a reader who is accredited for so many days.
func each(t *testing.T, from, until int64, days int, f func(*world)) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			w := &world{t: t, vault: vaulttest.New(t, vaulttest.On(engine))}
			w.begin = time.Now().Truncate(24*time.Hour).Unix() + 9*hour
			w.at(0)
			w.door = &peopletest.Door{T: t, Origin: w.vault.URL, Vault: w.vault.ID, Steward: w.vault.Steward, Now: w.vault.Clock.Now}
			w.her, w.reader = w.door.Participant(), w.door.Researcher(days)
			w.share(from, until)
			f(w)
		})
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) share(from, until int64) {
	w.t.Helper()
	var err error
	w.told, err = w.her.Create(w.t.Context(), client.Testimony{Title: "صمت", Parts: []client.Content{client.Bytes("a.txt", "", make([]byte, large))}})
	w.must(err)
	g, err := w.her.Grant(w.t.Context(), w.offer(w.begin+from, w.begin+until))
	w.must(err)
	w.grant = g.ID
}

func (w *world) offer(from, until int64) client.Offer {
	return client.Offer{Testimony: w.told, Parts: []int64{1}, To: w.reader.Account(), Terms: api.Terms{
		Purposes: []statement.Purpose{"Research"}, Attribution: statement.Background, Access: statement.Download, From: from, Until: until}}
}

// at sets the clock to so many seconds after the beginning.
func (w *world) at(seconds int64) { w.vault.Clock.Set(time.Unix(w.begin+seconds, 0)) }

// read asks for a range of the part and gives the status and the entity tag.
func (w *world) read(header http.Header) (status int, etag string) {
	w.t.Helper()
	req := w.reader.Request(http.MethodGet, fmt.Sprintf("/v1/inbox/%s/parts/1/content", w.grant), nil)
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	w.must(err)
	return resp.StatusCode, resp.Header.Get("ETag")
}

// answers wants a status for an opening at each moment, in their order.
func (w *world) answers(moments ...moment) {
	w.t.Helper()
	for _, m := range moments {
		w.at(m.at)
		if got, _ := w.read(nil); got != m.status {
			w.t.Errorf("after %d seconds the reader got %d, want %d", m.at, got, m.status)
		}
	}
}

type moment struct {
	at     int64
	status int
}

func TestGrantOpensFromItsFirstSecondUntilItsLast(t *testing.T) {
	each(t, 2*hour, 5*day, 100, func(w *world) {
		w.answers(moment{0, 404}, moment{2*hour - 1, 404}, moment{2 * hour, 200}, moment{5*day - 1, 200}, moment{5 * day, 404}, moment{50 * day, 404})
	})
}

// An accreditation ends at the end of a day; then what rests on it opens nothing,
// and nothing new can be granted.
func TestAccreditationThatHasRunOutOpensNothing(t *testing.T) {
	each(t, 0, 300*day, 2, func(w *world) {
		who, err := w.her.Researcher(w.t.Context(), w.reader.Account())
		w.must(err)
		end := who.Until - w.begin
		w.answers(moment{1, 200}, moment{end - 1, 200}, moment{end, 404})
		if _, err := w.her.Grant(w.t.Context(), w.offer(w.begin+end, w.begin+end+day)); !errors.Is(err, client.ErrAccreditationOver) {
			w.t.Errorf("granting to a reader whose accreditation has run out: %v", err)
		}
	})
}

// What is read within a day of an opening belongs to it, range by range; a second
// later it is another opening, which she sees.
func TestSessionLastsADay(t *testing.T) {
	each(t, 0, 300*day, 100, func(w *world) {
		part := http.Header{"Range": {"bytes=0-9"}}
		for _, m := range []struct{ at, openings int64 }{{10, 1}, {11, 1}, {10 + day - 1, 1}, {10 + day, 2}, {10 + 2*day - 1, 2}, {10 + 2*day, 3}} {
			w.at(m.at)
			if status, _ := w.read(part); status != http.StatusPartialContent {
				w.t.Errorf("after %d seconds the reader got %d", m.at, status)
			}
			if n := w.openings(); n != m.openings {
				w.t.Errorf("after %d seconds there are %d openings, want %d", m.at, n, m.openings)
			}
		}
	})
}

// A session never outlives the grant it belongs to.
func TestSessionEndsWithItsGrant(t *testing.T) {
	each(t, 0, 3*hour, 100, func(w *world) {
		w.at(2 * hour)
		status, etag := w.read(http.Header{"Range": {"bytes=0-9"}})
		if status != http.StatusPartialContent {
			w.t.Fatalf("the reader got %d", status)
		}
		w.at(3 * hour)
		if status, _ := w.read(http.Header{"Range": {"bytes=10-19"}, "If-Range": {etag}}); status != http.StatusNotFound {
			w.t.Errorf("after the grant's end the session goes on with %d", status)
		}
	})
}

// openings counts what she sees, in the list of her grants and in her feed.
func (w *world) openings() int64 {
	w.t.Helper()
	list, err := w.her.Grants(w.t.Context(), w.told)
	w.must(err)
	events, _, err := w.her.Feed(w.t.Context(), w.told)
	w.must(err)
	var seen int64
	for _, e := range events {
		if e.Kind == api.EventOpened {
			seen++
		}
	}
	if n := int64(len(list[0].Openings)); n != seen {
		w.t.Errorf("the list has %d openings, the feed %d", n, seen)
	}
	return seen
}

// A token is good for ten minutes and not a second longer.
func TestTokenLastsTenMinutes(t *testing.T) {
	each(t, 0, day, 100, func(w *world) {
		token, err := w.reader.Token(w.t.Context())
		w.must(err)
		for _, m := range []moment{{599, 200}, {600, 401}} {
			w.at(m.at)
			if got := w.with(token); got != m.status {
				w.t.Errorf("a token of %d seconds got %d, want %d", m.at, got, m.status)
			}
		}
	})
}

// with lists the inbox with a token that is kept.
func (w *world) with(token *client.Token) int {
	w.t.Helper()
	resp, err := http.Get(w.door.Origin + "/v1/vault")
	w.must(err)
	w.must(resp.Body.Close())
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.door.Origin+"/v1/inbox", nil)
	w.must(err)
	proof, err := token.Proof(rand.Reader, w.vault.Clock.Now().Unix(), req.Method, req.URL.String(), resp.Header.Get(api.HeaderDPoPNonce))
	w.must(err)
	req.Header.Set("Authorization", api.SchemeDPoP+" "+token.Access())
	req.Header.Set(api.HeaderDPoP, proof)
	resp, err = http.DefaultClient.Do(req)
	w.must(err)
	w.must(resp.Body.Close())
	return resp.StatusCode
}
