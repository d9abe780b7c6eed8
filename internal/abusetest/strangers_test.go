package abusetest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Whoever hammers uses up what is free and is told to come back; an ordinary client
// does the work that it is asked for, and is in.
func TestWhoWorksComesIn(t *testing.T) {
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) {
		c.Strangers.SignInsPerSecond, c.Strangers.WorkBits, c.Strangers.MostWorkBits = 1, 6, 8
	}))
	door := &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
	her := door.Participant()
	w := &world{t: t, v: v, her: her, addr: v.Addr}
	const body = `{"login":"a.b.c"}`
	said := ""
	for i := 0; i < 100 && problem(said) != string(api.ProblemTooMany); i++ {
		said = w.said(fmt.Sprintf("POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}
	if problem(said) != string(api.ProblemTooMany) || !strings.Contains(said, "Retry-After: ") {
		t.Fatalf("nobody was turned away:\n%s", said)
	}
	if asked := w.said("POST /v1/session/challenge HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); !strings.Contains(asked, `"work":"`) {
		t.Errorf("no work was asked for:\n%s", asked)
	}
	if _, err := v.Client(her.Keys).List(t.Context()); err != nil {
		t.Errorf("who works does not come in: %v", err)
	}
}

// Each act that always finds room is one that the vault has.
func TestTheActsThatFindRoomAreThere(t *testing.T) {
	contract := string(api.OpenAPI)
	for _, r := range httpapi.Restricting() {
		method, path, _ := strings.Cut(r, " ")
		_, rest, there := strings.Cut(contract, "\n  "+path+":\n")
		rest, _, _ = strings.Cut(rest, "\n  /")
		if !there || !strings.Contains(rest, "    "+strings.ToLower(method)+":\n") {
			t.Errorf("there is no %s", r)
		}
	}
}
