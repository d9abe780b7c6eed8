package deploy_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/store"
)

// promtool is fetched where it is missing; see the script.
func promtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path, err := exec.Command("../internal/tools/promtool").Output()
	if err != nil {
		t.Fatalf("promtool: %v", err)
	}
	out, err := exec.Command(strings.TrimSpace(string(path)), args...).CombinedOutput()
	return string(out), err
}

// Prometheus takes the rules, and each is raised by what it is for and by nothing
// else: the .test.yaml files say when.
func TestTheAlertsAreRaisedByWhatTheyAreFor(t *testing.T) {
	for _, args := range [][]string{{"check", "rules", "watch/alerts.yaml"}, {"test", "rules", "watch/alerts.test.yaml", "watch/slow.test.yaml"}} {
		if out, err := promtool(t, args...); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	tested := read(t, "watch/alerts.test.yaml") + read(t, "watch/slow.test.yaml")
	for _, r := range rules(t) {
		if n := strings.Count(tested, "alertname: "+r.Alert); n < 2 {
			t.Errorf("%s is tested %d times: when it is raised and when not makes two", r.Alert, n)
		}
	}
}

// The check of the rules can fail.
func TestABrokenRuleIsFound(t *testing.T) {
	broken := strings.Replace(read(t, "watch/alerts.yaml"), "testimonyd_ready == 0", "testimonyd_ready ==", 1)
	path := filepath.Join(t.TempDir(), "alerts.yaml")
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := promtool(t, "check", "rules", path); err == nil {
		t.Errorf("a rule without its end is taken:\n%s", out)
	}
}

type rule struct {
	Alert, Expr string
	Annotations map[string]string
}

func rules(t *testing.T) (all []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal([]byte(read(t, "watch/alerts.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

// questions are what the rules and the dashboard ask of Prometheus.
func questions(t *testing.T) (all []string) {
	t.Helper()
	for _, r := range rules(t) {
		all = append(all, r.Expr)
	}
	var board struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal([]byte(read(t, "watch/dashboard.json")), &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			all = append(all, target.Expr)
		}
	}
	return all
}

// What rules and dashboard look at is there in a vault that runs; a counter that is
// renamed would else leave an operator blind.
func TestWhatIsAskedForIsCounted(t *testing.T) {
	dir, err := os.MkdirTemp("", "watch") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	v := nodetest.New(t, store.SQLite, "watch.socket="+filepath.Join(dir, "s"))
	node := v.Start()
	if _, err := v.Door(node).Guard().Researchers(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown, err := v.Run("status")
	if err != nil {
		t.Fatalf("testimonyd status: %v\n%s", err, shown)
	}
	counted := counters(t, filepath.Join(dir, "s"))
	name := regexp.MustCompile(`\b(testimonyd|process|go)_[a-z_]+`)
	var asked []string
	for _, q := range questions(t) {
		asked = append(asked, name.FindAllString(q, -1)...)
	}
	if len(asked) < 20 {
		t.Errorf("only %d counters are asked for: %v", len(asked), asked)
	}
	for _, a := range asked {
		if !slices.Contains(counted, strings.TrimSuffix(a, "_bucket")) {
			t.Errorf("%s is asked for, and nobody counts it", a)
		}
	}
}

// Each page that an alert sends its reader to is there.
func TestTheAlertsSendToPagesThatExist(t *testing.T) {
	page := regexp.MustCompile(`docs/[a-z/]+\.md`)
	for _, r := range rules(t) {
		for _, p := range page.FindAllString(r.Annotations["what"], -1) {
			if _, err := os.Stat(filepath.Join("..", p)); err != nil {
				t.Errorf("%s: %v", r.Alert, err)
			}
		}
	}
}

// counters lists the names of what a vault counts.
func counters(t *testing.T, socket string) (names []string) {
	t.Helper()
	line := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	resp, err := line.Get("http://watch/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(l, "# TYPE "); ok {
			names = append(names, strings.Fields(name)[0])
		}
	}
	return names
}
