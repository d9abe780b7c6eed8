package app_test

import (
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// say lets the practice steward say farewell: nothing begins in 35 days, and all is over
// after 45.
func say(t *testing.T, v *vaulttest.Vault, f client.Farewell) {
	t.Helper()
	f.Stops, f.Last = ahead(v, 35), ahead(v, 45)
	c := v.StewardClient()
	must(t, c.Enrol(t.Context(), statement.Steward, ""))
	_, effective, err := c.ProposeRoster(t.Context(), func(now *client.Roster) (client.RosterTerms, error) {
		terms := now.Terms()
		terms.Farewell = &f
		return terms, nil
	})
	if err != nil || !effective {
		t.Fatal(effective, err)
	}
}

func ahead(v *vaulttest.Vault, days int) string {
	return v.Clock.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// routes are all addresses of the contract with their methods, names filled in.
func routes(t *testing.T) (out [][2]string) {
	t.Helper()
	path := ""
	for line := range strings.Lines(string(api.OpenAPI)) {
		if m := regexp.MustCompile(`^  (/[^:]*):\n$`).FindStringSubmatch(line); m != nil {
			path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(m[1], "1")
		}
		if m := regexp.MustCompile(`^    (get|post|put|patch|delete|head):\n$`).FindStringSubmatch(line); m != nil && path != "" {
			out = append(out, [2]string{strings.ToUpper(m[1]), path})
		}
		if strings.HasPrefix(line, "components:") {
			break
		}
	}
	if len(out) < 100 {
		t.Fatalf("%d routes", len(out))
	}
	return out
}

func status(t *testing.T, v *vaulttest.Vault, route [2]string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), route[0], v.URL+route[1], nil)
	must(t, err)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, res.Body.Close())
	return res.StatusCode
}

// open are the routes that are served after the last day.
var open = map[string]bool{"/livez": true, "/readyz": true, "/openapi.yaml": true, "/statement.schema.json": true, "/v1/vault": true, "GET /v1/roster": true}

// begin are those that bring somebody or something new.
var begin = map[string]bool{
	"POST /v1/accounts": true, "POST /v1/invitations": true, "POST /v1/applications": true, "POST /v1/partner/invitations": true, "POST /v1/testimonies": true,
	"POST /v1/trays": true, "POST /v1/collections": true, "POST /v1/consultations": true, "POST /v1/partner/consultations": true, "POST /v1/forms": true,
	"POST /v1/collectors": true, "PUT /v1/deliveries/1": true, "POST /v1/deliveries/1/payload": true, "PUT /v1/deliveries/1/plaintext": true,
}

// A vault that closes goes on until the day its stewards named; then nothing begins, and
// after the last day every address answers that it is over, but those that say why.
func TestAVaultEndsAsItsStewardsSaid(t *testing.T) {
	v := vaulttest.New(t)
	say(t, v, client.Farewell{Kind: client.Closing})
	her := v.Client(v.Keys())
	must(t, her.Enrol(t.Context(), statement.Participant, ""))
	standing, err := her.Standing(t.Context())
	if err != nil || len(standing.Notices) != 1 || standing.Notices[0].Kind != api.NoticeClosing {
		t.Errorf("%+v, %v", standing, err)
	}
	all := routes(t)
	v.Clock.Forward(35 * 24 * time.Hour)
	for _, r := range all {
		if got := status(t, v, r) == http.StatusGone; got != begin[r[0]+" "+r[1]] {
			t.Errorf("winding up: %v is gone: %v", r, got)
		}
	}
	if _, err := her.Standing(t.Context()); err != nil {
		t.Errorf("she comes to what is hers: %v", err)
	}
	v.Clock.Forward(11 * 24 * time.Hour)
	for _, r := range all {
		if strings.HasPrefix(r[1], "/or/") {
			if got := status(t, v, r); got != http.StatusForbidden && r[0] != "HEAD" {
				t.Errorf("over: phones get %d from %v", got, r)
			}
			continue
		}
		if got := status(t, v, r) == http.StatusGone; got == (open[r[1]] || open[r[0]+" "+r[1]]) {
			t.Errorf("over: %v is gone: %v", r, got)
		}
	}
}

// A vault that moves is over at its old address, and serves at the one its stewards
// named, with the same id, the same words and all it holds. What brings its data there is
// a backup (docs/operate/closing.md); here the same folders are served at both addresses.
func TestAVaultThatMovesServesWhereItWent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	there := l.Addr().String()
	must(t, l.Close())
	v := vaulttest.New(t)
	keys := v.Keys()
	must(t, v.Client(keys).Enrol(t.Context(), statement.Participant, ""))
	say(t, v, client.Farewell{Kind: client.Moving, Origin: "http://" + there})
	v.Clock.Forward(46 * 24 * time.Hour)
	if got := status(t, v, [2]string{"GET", "/v1/account"}); got != http.StatusGone {
		t.Errorf("the old address answers %d", got)
	}
	v.Stop()
	v.Config.Listen, v.Config.Origins = there, []string{"http://" + there}
	v.Start()
	standing, err := v.Client(keys).Standing(t.Context())
	if err != nil || len(standing.Notices) != 1 || standing.Notices[0].Kind != api.NoticeMoving {
		t.Errorf("at the new address: %+v, %v", standing, err)
	}
	must(t, v.Client(v.Keys()).Enrol(t.Context(), statement.Participant, ""))
}
