package contracttest_test

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/contracttest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Every run sends the same requests, so that a change is judged and not a throw of
// dice. To look further, and to repeat what was found:
//
//	go test ./internal/contracttest -args -seed 7 -cases 100000
//	go test ./internal/contracttest -args -seed 7 -only 4711
var (
	seed   = flag.Uint64("seed", 1, "what the requests are chosen by")
	cases  = flag.Int("cases", 6000, "how many requests are sent")
	only   = flag.Int("only", -1, "send the request of this number only")
	rounds = flag.Int("rounds", 12, "how often the story is told with bent requests")
)

// Whatever is sent, the vault answers as its contract says, with refusals that repeat
// nothing, and without a fault of its own.
func TestTheContractHoldsWhateverIsSent(t *testing.T) {
	v := vaulttest.New(t)
	seen := contracttest.Run(t, contracttest.In(v), contracttest.Config{Seed: *seed, Cases: *cases, Only: *only})
	// Refused at the door, nothing behind it would be seen.
	for o, by := range seen {
		if o.Method == http.MethodPut && strings.HasSuffix(o.Path, "/deliveries/{item}") && by[http.StatusCreated] == 0 && *only < 0 {
			t.Errorf("no delivery was taken: %v", by)
		}
	}
}

// Every refusal that the contract has is seen: here, or in a test that is named and
// there is.
func TestEveryRefusalIsSeen(t *testing.T) {
	v := vaulttest.New(t)
	p := contracttest.In(v)
	seen := contracttest.Refusals(t, p)
	seen.Add(overtaken(t, v))
	contract, err := apitest.Load()
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t)
	for _, in := range contract.Inputs() {
		for _, status := range in.Statuses {
			name := fmt.Sprintf("%s %d", in.ID, status)
			where := cmp.Or(elsewhere[name], elsewhere[fmt.Sprint("every ", status)])
			if status >= 400 && seen[in.Operation][status] == 0 && !tests[where] {
				t.Errorf("%s is not seen: %v; a test for it is %q", name, seen[in.Operation], where)
			}
		}
	}
}

// overtaken tells the story while each account acts elsewhere at the same time.
func overtaken(t *testing.T, v *vaulttest.Vault) contracttest.Seen {
	t.Helper()
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	o := &contracttest.Overtaken{Base: base, Fault: func(err error) { t.Error(err) }}
	story := tale{t: t, v: v, line: o}
	story.begin()
	var others []*client.Client
	for _, keys := range story.keys {
		c, err := client.New(client.Config{Server: v.URL, Vault: v.ID, Keys: keys, Now: v.Clock.Now})
		story.must(err)
		others = append(others, c)
	}
	o.Before(func() (err error) {
		for _, c := range others {
			err = errors.Join(err, c.CheckIn(t.Context()))
		}
		return err
	})
	story.tell()
	return o.Seen()
}

// testNames are the tests of the repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() == "node_modules" {
			return cmp.Or(err, fs.SkipDir)
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllSubmatch(text, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil || len(names) < 100 {
		t.Fatalf("%d tests, %v", len(names), err)
	}
	return names
}

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// What is hardly HTTP gets an answer or none, and nothing of it comes back or stays.
func TestLinesThatAreHardlyHTTP(t *testing.T) {
	v := vaulttest.New(t)
	for _, l := range contracttest.Lines() {
		contracttest.Say(t, v.Addr, l)
	}
	if _, err := v.Client(nil).Vault(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if log := v.Log.String(); strings.Contains(log, "zq7mark") || strings.Contains(log, "panic") {
		t.Errorf("the log has what was sent:\n%s", log)
	}
}

// Requests of real clients that are bent on their way are answered as the contract
// says, too; the clients are told, and go on.
func TestRequestsThatAreBentOnTheirWay(t *testing.T) {
	v := vaulttest.New(t)
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	for n := range *rounds {
		b := &contracttest.Bender{Base: base, Every: 3, Fault: func(err error) { t.Errorf("seed %d, round %d: %v", *seed, n, err) }}
		story := tale{t: t, v: v, line: b}
		story.begin()
		b.Seed(*seed, uint64(n))
		story.tell()
	}
	if log := v.Log.String(); strings.Contains(log, "zq7mark") || strings.Contains(log, "level=ERROR") {
		t.Errorf("the log has what it must not:\n%s", log)
	}
}

// tale is people on a line that bends.
type tale struct {
	t                    *testing.T
	v                    *vaulttest.Vault
	line                 http.RoundTripper
	steward, reader, her *client.Client
	trustees             []*client.Client
	keys                 []*client.Keys
}

func (s *tale) client(keys *client.Keys) *client.Client {
	s.keys = append(s.keys, keys)
	c, err := client.New(client.Config{Server: s.v.URL, Vault: s.v.ID, Keys: keys, HTTP: &http.Client{Transport: s.line}, Now: s.v.Clock.Now})
	s.must(err)
	return c
}

func (s *tale) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// begin happens on a line that does not bend yet.
func (s *tale) begin() {
	ctx := s.t.Context()
	keys, err := client.StewardKeys(s.v.Steward)
	s.must(err)
	s.steward, s.reader, s.her = s.client(keys), s.client(s.v.Keys()), s.client(s.v.Keys())
	s.must(s.steward.Enrol(ctx, statement.Steward, ""))
	s.must(s.reader.Enrol(ctx, statement.Researcher, ""))
	s.must(s.reader.Apply(ctx, "Dr Salma Haddad", "Institute", "To listen"))
	_, err = s.steward.Accredit(ctx, s.reader.Account(), 300)
	s.must(err)
	s.must(s.her.Enrol(ctx, statement.Participant, ""))
	for range 2 {
		one := s.client(s.v.Keys())
		s.must(one.Enrol(ctx, statement.Participant, ""))
		s.must(one.Introduce(ctx, true))
		s.trustees = append(s.trustees, one)
	}
}

// tell does many things, of which any may be refused: what a bent request comes to is
// judged on the line, and not here.
func (s *tale) tell() {
	ctx := s.t.Context()
	tid, err := s.her.Create(ctx, client.Testimony{Title: "Winter", Language: "en", Parts: []client.Content{client.Bytes("a.txt", "", []byte("They took the men."))}})
	if err != nil {
		tid, err = s.her.Create(ctx, client.Testimony{Title: "Winter again", Parts: []client.Content{client.Bytes("a.txt", "", []byte("a"))}})
	}
	if err != nil {
		return
	}
	nowhere := client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil })
	for _, do := range []func() error{
		func() error {
			_, err := s.her.AddPart(ctx, tid, client.Bytes("b.txt", "", bytes.Repeat([]byte("b"), 90<<10)))
			return err
		},
		func() error { return s.her.SetCard(ctx, tid, client.Card{Title: "After", Language: "en"}) },
		func() error {
			granted, err := s.her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1}, To: s.reader.Account(), Terms: api.Terms{Access: statement.Download}})
			if err != nil {
				return err
			}
			return s.after(tid, granted.ID, nowhere)
		},
		func() error { _, err := s.her.Relock(ctx, tid, 1); return err },
		func() error {
			_, err := s.her.AddOnArrival(ctx, tid, client.Bytes("c.txt", "", []byte("c")))
			return err
		},
		func() error { return s.her.Adopt(ctx, tid, 3, nowhere) },
		func() error { return s.trusts(tid) },
		func() error { return s.her.Pause(ctx, tid) },
		func() error { return s.her.Lift(ctx, tid) },
		func() error { return s.her.CheckIn(ctx) },
		func() error { _, err := s.her.NewPauseCode(ctx); return err },
		func() error { _, err := s.steward.Accredit(ctx, s.reader.Account(), 200); return err },
		func() error { _, err := s.her.Rekey(ctx, s.v.Keys()); return err },
		func() error { return s.steward.Suspend(ctx, s.reader.Account()) },
		func() error { return s.her.Erase(ctx, tid) },
	} {
		if err := do(); err != nil {
			s.t.Logf("refused: %v", err)
		}
	}
}

// trusts names trustees for a release and for her words, and they answer.
func (s *tale) trusts(tid api.ID) error {
	ctx := s.t.Context()
	named := []api.Account{s.trustees[0].Account(), s.trustees[1].Account()}
	policy, err := s.her.SetPolicy(ctx, client.PolicyTerms{Testimony: tid, To: s.reader.Account(), Threshold: 2, Trustees: named})
	if err != nil {
		return err
	}
	_, err = s.her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1}, To: s.reader.Account(), Policy: policy.ID})
	for _, c := range s.trustees {
		err = errors.Join(err, c.Agree(ctx, policy.ID), c.Release(ctx, policy.ID, nil))
	}
	words, fault := client.NewSecret(rand.Reader)
	s.must(fault)
	return errors.Join(err, s.her.SetRecovery(ctx, words, client.RecoveryTerms{Trustees: named, Threshold: 2, Wait: 1}))
}

// after is what happens with a grant.
func (s *tale) after(tid, g api.ID, nowhere client.Sink) error {
	ctx := s.t.Context()
	for _, do := range []func() error{
		func() error { _, err := s.reader.Open(ctx, g, 1, nowhere); return err },
		func() error { return s.reader.AskToRenew(ctx, g, nil, 0) },
		func() error { return s.her.NotNow(ctx, tid, g, s.her.Time().Unix()+40*statement.Day) },
		func() error {
			_, err := s.her.Narrow(ctx, tid, g, func(t api.Terms) (api.Terms, error) { t.MaxReads = 9; return t, nil })
			return err
		},
		func() error { _, err := s.her.Renew(ctx, client.Renewal{Testimony: tid, Grant: g}); return err },
		func() error { _, err := s.her.Revoke(ctx, tid, g); return err },
		func() error { return s.reader.Reply(ctx, client.Answer{Grant: g, Say: statement.Acknowledged}) },
		func() error { _, err := s.her.Withdraw(ctx, client.Scope{Testimony: tid}); return err },
	} {
		if err := do(); err != nil {
			s.t.Logf("refused: %v", err)
		}
	}
	return nil
}
