package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// dying is a device that is switched off at its nth write: before the vault has
// got it, or when the vault has and the answer is on its way.
type dying struct {
	left  int
	after bool
	off   context.CancelFunc
}

func (d *dying) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet || req.URL.Path == "/v1/session" || req.URL.Path == "/v1/session/challenge" {
		return http.DefaultTransport.RoundTrip(req)
	}
	d.left--
	if d.left != 0 {
		return http.DefaultTransport.RoundTrip(req)
	}
	if d.after {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		_ = resp.Body.Close()
	}
	d.off()
	return nil, errors.New("switched off")
}

// Replacing a trustee may be interrupted before and after every write: repeated on
// another device it goes on where it stopped, and in the end each grant stands
// once, under the new policy, and opens with the new trustees' shares.
func TestReplacingATrusteeGoesOnWhereItStopped(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := 1; n <= 5; n++ { // a policy, and a grant and a revocation twice
			t.Run(fmt.Sprintf("write %d, after %v", n, after), func(t *testing.T) { interrupted(t, n, after) })
		}
	}
}

func interrupted(t *testing.T, n int, after bool) {
	s := newTrustScene(t)
	second := offer(s.tid, s.reader, 1)
	second.Policy = s.policy.ID
	olds := []api.ID{s.waiting, granted(t, s.salma, second)}
	fourth := introduced(t, s.scene)
	terms := s.terms()
	terms.Trustees[2] = fourth.Account()

	ctx, off := context.WithCancel(context.Background())
	defer off()
	device := s.ClientWith(t, client.Config{Keys: s.keys, HTTP: &http.Client{Transport: &dying{left: n, after: after, off: off}}})
	if _, _, err := device.ReplacePolicy(ctx, s.policy.ID, terms); err == nil {
		t.Fatal("it was not interrupted")
	}
	next, _, err := fresh(s.scene).ReplacePolicy(context.Background(), s.policy.ID, terms)
	if err != nil {
		t.Fatal(err)
	}
	policies, err := s.salma.Policies(context.Background(), s.tid)
	if err != nil || len(policies) != 2 {
		t.Errorf("%d policies, %v", len(policies), err)
	}
	s.movedOnce(t, olds)
	for _, c := range []*client.Client{s.trustees[0], fourth} {
		if err := c.Release(context.Background(), next.ID, nil); err != nil {
			t.Fatal(err)
		}
	}
	inbox, err := s.reader.Inbox(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range inbox {
		if g.Policy == next.ID {
			if _, err := s.reader.Open(context.Background(), g.ID, g.Parts[0], &buffer{}); err != nil {
				t.Errorf("part %d: %v", g.Parts[0], err)
			}
		}
	}
}

// movedOnce wants the old grants over and one in the place of each.
func (s *trustScene) movedOnce(t *testing.T, olds []api.ID) {
	t.Helper()
	grants, err := s.salma.Grants(context.Background(), s.tid)
	if err != nil {
		t.Fatal(err)
	}
	live := map[int64]int{}
	for _, g := range grants {
		over := g.ID == olds[0] || g.ID == olds[1]
		if over != g.Revoked {
			t.Errorf("grant %s: revoked %v", g.ID, g.Revoked)
		}
		if !g.Revoked && g.ID != s.grant {
			live[g.Parts[0]]++
		}
	}
	if len(live) != 2 || live[1] != 1 || live[2] != 1 {
		t.Errorf("live grants by part: %v", live)
	}
}
