package oracletest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// knock sends a body to the door for codes, as anybody can.
func (w *world) knock(b string) answer {
	w.t.Helper()
	resp, err := http.Post(w.door.Origin+"/v1/pause", api.MediaJSON, strings.NewReader(b))
	w.must(err)
	return w.answer(resp)
}

func coded(code string) string { return `{"code":"` + code + `"}` }

// Whoever tries codes learns nothing: not from a right one, a wrong one, one used
// before or replaced, nor from what is no code at all.
func TestEveryCodeIsAnsweredAlike(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			v := vaulttest.New(t, vaulttest.On(engine))
			w := &world{t: t, vault: v}
			w.door = &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
			her := w.door.Participant()
			old, err := her.NewPauseCode(t.Context())
			w.must(err)
			code, err := her.NewPauseCode(t.Context())
			w.must(err)
			want := w.knock(coded(code))
			if want.status != http.StatusOK || want.body != `{"heard":true}` {
				t.Fatalf("the right code got %+v", want)
			}
			for name, body := range map[string]string{
				"the right one again": coded(code), "without spaces": coded(strings.ReplaceAll(code, " ", "")), "one that was replaced": coded(old),
				"a wrong one": coded("00000 00000 00000 00000 0"), "one with a wrong check": coded("00000 00000 00000 00000 1"), "none": coded(""),
				"letters": coded("let me in"), "too many digits": coded(strings.Repeat("7", 900)), "a number": `{"code":7}`, "another member": `{"word":"x"}`,
				"two members": `{"code":"1","code":"2"}`, "no object": `"x"`, "no JSON": "{", "nothing": "", "no UTF-8": "{\"code\":\"\xff\"}",
			} {
				if got := w.knock(body); got != want {
					t.Errorf("%s got\n%+v\nwhere the right one gets\n%+v", name, got, want)
				}
			}
			for _, digits := range []string{code, strings.ReplaceAll(code, " ", "")} {
				if strings.Contains(v.Log.String(), digits) {
					t.Error("a code stands in the log")
				}
			}
		})
	}
}

// Pausing and lifting say nothing about whose a testimony is: the path does not
// name it, so it is asked for here.
func TestPausingWhatIsAnothersIsLikePausingNothing(t *testing.T) {
	w := newWorld(t, vaulttest.On(store.SQLite))
	for _, c := range w.people {
		want := w.reference()
		if h, err := c.Head(t.Context()); err != nil || h.Seq == 0 {
			continue // whoever has not enrolled is told to
		}
		for _, tid := range []api.ID{w.testimony, w.paused, w.erased, w.draw()} {
			for path, says := range map[string]statement.Body{"/v1/pauses": statement.Pause{Testimony: tid}, "/v1/lifts": statement.Lift{Testimony: tid}} {
				q := question{by: c, to: route{http.MethodPost, path}}
				if got := w.ask(q, w.json(api.Signed{Statement: w.says(c, says).Compact()})); got != want {
					t.Errorf("%s names %s and gets\n%+v\nwant\n%+v", q, tid, got, want)
				}
			}
		}
	}
}
