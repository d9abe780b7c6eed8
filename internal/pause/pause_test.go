package pause_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/notice"
	"github.com/relatingfield/vault/internal/pause"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// A pause of one testimony stops that one, a pause of everything all of them, and
// lifting the one leaves the other.
func TestAPauseStopsWhatItNames(t *testing.T) {
	each(t, func(w *world) {
		w.reads(true, true)
		w.pause(w.one)
		w.reads(false, true)
		w.pause("")
		w.reads(false, false)
		w.lift("")
		w.reads(false, true)
		w.pause("")
		w.lift(w.one)
		w.reads(false, false)
		w.lift("")
		w.reads(true, true)
		w.lift("")
		w.reads(true, true)
	})
}

// Who owns nothing there pauses nothing there, and learns nothing.
func TestOnlyTheOwnerPausesAndLifts(t *testing.T) {
	each(t, func(w *world) {
		other := w.Enrolled(statement.Participant)
		for name, testimony := range map[string]id.ID{"hers": w.one, "nobody's": w.ID()} {
			_, err := w.Pauses.Pause(t.Context(), other.Caller, other.Sign(statement.Pause{Testimony: testimony}).Compact(), nil)
			if !errors.Is(err, pause.ErrNotFound) {
				t.Errorf("pausing %s: %v", name, err)
			}
			_, err = w.Pauses.Lift(t.Context(), other.Caller, other.Sign(statement.Lift{Testimony: testimony}).Compact(), nil)
			if !errors.Is(err, pause.ErrNotFound) {
				t.Errorf("lifting %s: %v", name, err)
			}
		}
		_, err := w.Pauses.Pause(t.Context(), other.Caller, other.Sign(statement.Pause{}).Compact(), nil)
		w.must(err)
		w.reads(true, true)
		stranger := w.Stranger()
		_, err = w.Pauses.Pause(t.Context(), stranger.Caller, stranger.SignAt(statement.Head{Seq: 1}, statement.Pause{}).Compact(), nil)
		if !errors.Is(err, ledger.ErrNotEnrolled) {
			t.Errorf("by a key that has not enrolled: %v", err)
		}
	})
}

// She sees both where she looks for them: a testimony's own pause in its feed, that
// of everything in her account.
func TestShePausesAndSeesIt(t *testing.T) {
	each(t, func(w *world) {
		w.pause(w.one)
		w.pause("")
		want := []pause.Paused{{Testimony: ""}, {Testimony: w.one}}
		if s := w.standing(w.Her.Caller); !reflect.DeepEqual(s.Pauses, want) || s.Code {
			t.Errorf("standing %+v, want %+v", s, want)
		}
		for name, g := range map[id.ID]id.ID{w.one: w.gOne, w.two: w.gTwo} {
			list, err := w.Grants.List(t.Context(), w.Her.Caller, name, 0, 10)
			if err != nil || list[0].State != release.Paused {
				t.Errorf("to her grant %s stands as %v (%v)", g, list, err)
			}
			if got, err := w.Grants.Receive(t.Context(), w.Reader.Caller, g); err != nil || got.State != release.Paused {
				t.Errorf("to its reader it stands as %s (%v)", got.State, err)
			}
		}
		w.lift("")
		w.lift(w.one)
		if got := w.feed(w.one, 2); !slices.Equal(got, []custody.Kind{custody.Paused, custody.Lifted}) {
			t.Errorf("the feed ends with %v", got)
		}
		if got := w.feed(w.two, 1); !slices.Equal(got, []custody.Kind{custody.Granted}) {
			t.Errorf("the feed of the other ends with %v", got)
		}
		s := w.standing(w.Her.Caller)
		if got, want := kinds(s.Notices), map[notice.Kind]int64{notice.Paused: 1, notice.Lifted: 1}; len(s.Pauses) != 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("standing %+v, want %v", s, want)
		}
		if s := w.standing(w.Stranger().Caller); len(s.Pauses)+len(s.Notices) != 0 || s.Code {
			t.Errorf("a stranger has %+v", s)
		}
	})
}

// What she does herself goes on while everything is paused, and what she grants
// then waits for her, too.
func TestAPauseDoesNotStopHer(t *testing.T) {
	each(t, func(w *world) {
		w.pause("")
		if _, err := w.Vault.Content(t.Context(), w.Her.Caller, w.one, 1); err != nil {
			t.Errorf("her own reading: %v", err)
		}
		_, g := w.granted([]byte("three"))
		if _, err := w.Read(w.Reader, g, 1); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("what she grants while she pauses: %v", err)
		}
		w.narrow(w.one, w.gOne)
		w.Revoke(w.one, w.gOne)
		about := w.about(w.two)
		_, err := w.Vault.Erase(t.Context(), w.Her.Caller, w.two, w.Her.Sign(statement.Erase{Testimony: w.two, StatementsSHA256: about}).Compact(), nil)
		w.must(err)
		w.lift("")
		w.reads(false, false)
		if _, err := w.Read(w.Reader, g, 1); err != nil {
			t.Errorf("what she granted, after lifting: %v", err)
		}
	})
}

// narrow takes back the keeping of copies.
func (w *world) narrow(testimony, g id.ID) {
	w.T.Helper()
	list, err := w.Grants.List(w.T.Context(), w.Her.Caller, testimony, 0, 1)
	w.must(err)
	s, err := statement.Parse(list[0].Statement)
	w.must(err)
	terms := s.Body.(*statement.Grant).Terms
	terms.Access = statement.View
	_, err = w.Grants.Narrow(w.T.Context(), w.Her.Caller, testimony, w.Her.Sign(statement.Narrow{Testimony: testimony, Grant: g, Terms: terms}).Compact(), nil)
	w.must(err)
}

func (w *world) about(testimony id.ID) string {
	w.T.Helper()
	var sum [32]byte
	w.View(func(ctx context.Context, tx store.Tx) error {
		list, err := w.Ledger.About(ctx, tx, w.Her.ID, testimony)
		sum = statement.ErasedHash(list)
		return err
	})
	return statement.B64(sum[:])
}

// An erased testimony leaves no pause behind.
func TestErasingForgetsThePause(t *testing.T) {
	each(t, func(w *world) {
		w.pause(w.one)
		s := w.Her.Sign(statement.Erase{Testimony: w.one, StatementsSHA256: w.about(w.one)})
		_, err := w.Vault.Erase(t.Context(), w.Her.Caller, w.one, s.Compact(), nil)
		w.must(err)
		if s := w.standing(w.Her.Caller); len(s.Pauses) != 0 {
			t.Errorf("paused: %+v", s.Pauses)
		}
	})
}

// Others ask before they release something of hers.
func TestStandsAnswersForTrustees(t *testing.T) {
	each(t, func(w *world) {
		stands := func() (got [2]bool) {
			w.View(func(ctx context.Context, tx store.Tx) (err error) {
				for i, testimony := range []id.ID{w.one, w.two} {
					if got[i], err = pause.Stands(ctx, tx, w.Her.ID, testimony); err != nil {
						return err
					}
				}
				return nil
			})
			return got
		}
		for _, c := range []struct {
			act  func(id.ID)
			on   id.ID
			want [2]bool
		}{{w.lift, "", [2]bool{}}, {w.pause, w.one, [2]bool{true, false}}, {w.pause, "", [2]bool{true, true}}, {w.lift, "", [2]bool{true, false}}} {
			c.act(c.on)
			if got := stands(); got != c.want {
				t.Errorf("paused %v, want %v", got, c.want)
			}
		}
	})
}
