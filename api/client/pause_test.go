package client_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
)

func reads(s *scene) bool {
	_, err := s.reader.Open(context.Background(), s.grant, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil }))
	return err == nil
}

// She pauses one testimony or everything, on any device, and lifts each.
func TestShePausesAndLifts(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	for _, what := range []api.ID{s.tid, ""} {
		if err := s.salma.Pause(ctx, what); err != nil || reads(s) {
			t.Errorf("pausing %q: %v, readable: %v", what, err, reads(s))
		}
		if standing, err := fresh(s).Standing(ctx); err != nil || !slices.Equal(standing.Pauses, []api.Pause{{Testimony: what}}) {
			t.Errorf("%+v, %v", standing, err)
		}
		if err := fresh(s).Lift(ctx, what); err != nil || !reads(s) {
			t.Errorf("lifting %q: %v, readable: %v", what, err, reads(s))
		}
	}
	if err := s.salma.Pause(ctx, "aaaaaaaaaaaaaaaaaaaaaaaaaa"); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("pausing what is not hers: %v", err)
	}
}

// A code works without keys, in any numerals; a slip of the pen never leaves the
// device.
func TestACodePausesWithoutKeys(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	code, err := s.salma.NewPauseCode(ctx)
	if err != nil {
		t.Fatal(err)
	}
	friend := s.Client(t, nil)
	slip := []byte(code)
	slip[0] = '0' + (slip[0]-'0'+1)%10
	for _, wrong := range []string{"", "12", string(slip), code + "1"} {
		if err := friend.PauseByCode(ctx, wrong); !errors.Is(err, client.ErrRefused) {
			t.Errorf("a code with a slip: %v", err)
		}
	}
	if s.Vault.Asked["POST /v1/pause"] != 0 {
		t.Error("a slip of the pen was sent")
	}
	if err := friend.PauseByCode(ctx, strings.ReplaceAll(code, " ", "-")); err != nil || reads(s) {
		t.Errorf("%v, readable: %v", err, reads(s))
	}
	standing, err := s.salma.Standing(ctx)
	if err != nil || !standing.PauseCode || !slices.Equal(standing.Pauses, []api.Pause{{ByCode: true}}) || len(standing.Notices) != 1 {
		t.Errorf("%+v, %v", standing, err)
	}
	if err := errors.Join(s.salma.Lift(ctx, ""), s.salma.EndPauseCode(ctx), friend.PauseByCode(ctx, code)); err != nil || !reads(s) {
		t.Errorf("after its end a code still pauses, %v", err)
	}
}

// A vault that forgets what she paused, or whether a code is good, is found out; of
// more pauses than she made it may know.
func TestAPauseThatTheVaultForgetsIsNoticed(t *testing.T) {
	ctx := context.Background()
	const account = "GET /v1/account"
	paused := func(s *scene) {
		if err := errors.Join(s.salma.Pause(ctx, ""), s.salma.Pause(ctx, s.tid)); err != nil {
			panic(err)
		}
	}
	look := func(s *scene) error { _, err := fresh(s).Standing(ctx); return err }
	refuses(t, []attack{
		{"the pause of everything", func(_ *testing.T, s *scene) {
			paused(s)
			clienttest.Lie(s.Vault, account, func(a *api.Standing) { a.Pauses = a.Pauses[1:] })
		}, look, client.ErrWithheld},
		{"the pause of a testimony", func(_ *testing.T, s *scene) {
			paused(s)
			clienttest.Lie(s.Vault, account, func(a *api.Standing) { a.Pauses = a.Pauses[:1] })
		}, look, client.ErrWithheld},
		{"her code", func(t *testing.T, s *scene) {
			if _, err := s.salma.NewPauseCode(ctx); err != nil {
				t.Fatal(err)
			}
			clienttest.Lie(s.Vault, account, func(a *api.Standing) { a.PauseCode = false })
		}, look, client.ErrWithheld},
		{"that she ended it", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, account, func(a *api.Standing) { a.PauseCode = true })
		}, look, client.ErrWithheld},
		{"to say that it heard", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, "POST /v1/pause", func(a *api.Heard) { a.Heard = false })
		}, func(s *scene) error { return fresh(s).PauseByCode(ctx, strings.Repeat("0", 21)) }, client.ErrNonsense},
	})
	s := newScene(t)
	clienttest.Lie(s.Vault, account, func(a *api.Standing) { a.Pauses = append(a.Pauses, api.Pause{ByCode: true}) })
	if err := look(s); err != nil {
		t.Errorf("a pause that she did not make: %v", err)
	}
}
