// Package deploy_test holds the files of this folder against the program: what they
// name exists and is accepted, and nothing is open that need not be.
package deploy_test

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/internal/config"
)

// stack is what these tests read of compose.yaml.
type stack struct {
	Services map[string]service
	Networks map[string]struct{ Internal bool }
	Volumes  map[string]any
	Secrets  map[string]struct{ File string }
}

type service struct {
	Image       string
	Build       struct{ Context, Dockerfile string }
	User        string
	Privileged  bool
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	CapAdd      []string `yaml:"cap_add"`
	SecurityOpt []string `yaml:"security_opt"`
	NetworkMode string   `yaml:"network_mode"`
	Networks    []string
	Ports       []string
	Volumes     []string
	Tmpfs       []string
	Secrets     []string
	Environment map[string]string
	Command     []string
	Entrypoint  []string
	Healthcheck struct{ Test []string }
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func theStack(t *testing.T) stack {
	t.Helper()
	var s stack
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Services) < 7 {
		t.Fatalf("%d services", len(s.Services))
	}
	return s
}

// nodes are the services that run testimonyd, in order.
func (s stack) nodes() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		if s.Services[name].Build.Dockerfile != "" {
			out = append(out, name)
		}
	}
	return out
}

// mounts are the places in a container that are not its read-only root.
func (s service) mounts() (out []string) {
	for _, v := range append(slices.Clone(s.Volumes), s.Tmpfs...) {
		parts := strings.Split(v, ":")
		if strings.HasPrefix(parts[0], "/") {
			out = append(out, parts[0])
		} else {
			out = append(out, parts[1])
		}
	}
	return out
}

// pinned is an image of one version.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:v?[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$`)

// Every container can do as little as it needs, and says whether it is well.
func TestEveryContainerIsLockedDown(t *testing.T) {
	s := theStack(t)
	for name, c := range s.Services {
		switch {
		case !pinned.MatchString(c.Image):
			t.Errorf("%s: image %q is of no fixed version", name, c.Image)
		case c.Privileged, c.NetworkMode != "", len(c.CapAdd) > 0:
			t.Errorf("%s has rights that it does not need", name)
		case !c.ReadOnly, !slices.Equal(c.CapDrop, []string{"ALL"}), !slices.Contains(c.SecurityOpt, "no-new-privileges:true"):
			t.Errorf("%s is not locked down", name)
		case c.User == "" || strings.HasPrefix(c.User, "0") || strings.HasPrefix(c.User, "root"):
			t.Errorf("%s runs as %q", name, c.User)
		case len(c.Healthcheck.Test) == 0:
			t.Errorf("%s does not say whether it is well", name)
		}
		if strings.Contains(strings.Join(c.Volumes, " "), "docker.sock") {
			t.Errorf("%s can start containers", name)
		}
	}
}

// Only the proxy can be reached from outside, and only its network leads there.
func TestOnlyTheProxyIsOpen(t *testing.T) {
	s := theStack(t)
	for name, c := range s.Services {
		if len(c.Ports) > 0 && name != "proxy" {
			t.Errorf("%s has ports %v", name, c.Ports)
		}
		if len(c.Networks) == 0 {
			t.Errorf("%s is in the default network, which leads outside", name)
		}
		for _, n := range c.Networks {
			if net, there := s.Networks[n]; !there || !net.Internal && name != "proxy" {
				t.Errorf("%s is in network %s, which leads outside or is not there", name, n)
			}
		}
	}
	if p := s.Services["proxy"]; !slices.Equal(p.Ports, []string{"443:8443", "8444:8444"}) {
		t.Errorf("the proxy has ports %v", p.Ports)
	}
}

// What a service mounts or reads is there: files of this folder, volumes, secrets.
func TestWhatIsNamedIsThere(t *testing.T) {
	s := theStack(t)
	for name, c := range s.Services {
		for _, v := range c.Volumes {
			from, _, _ := strings.Cut(v, ":")
			_, declared := s.Volumes[from]
			if !strings.HasPrefix(from, "./") && !declared {
				t.Errorf("%s: volume %s is not declared", name, from)
			}
			if strings.HasPrefix(from, "./") && (!exists(from) || !strings.HasSuffix(v, ":ro")) {
				t.Errorf("%s: %s is missing or can be written", name, v)
			}
		}
		for _, k := range c.Secrets {
			if _, declared := s.Secrets[k]; !declared {
				t.Errorf("%s: secret %s is not declared", name, k)
			}
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}

// The secrets that make-secrets makes are those that the stack names but for the
// certificate, and a second run leaves them as they are.
func TestMakeSecretsMakesWhatTheStackNames(t *testing.T) {
	s, dir := theStack(t), secrets(t)
	before := map[string]string{}
	for name, k := range s.Secrets {
		if filepath.Base(k.File) != name {
			t.Errorf("secret %s is in %s", name, k.File)
		}
		if !strings.HasPrefix(name, "tls_") {
			before[name] = read(t, filepath.Join(dir, name))
		}
	}
	if out, err := exec.Command("/bin/sh", "make-secrets", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, text := range before {
		if text == "" || read(t, filepath.Join(dir, name)) != text {
			t.Errorf("secret %s is empty, or was changed by a second run", name)
		}
	}
}

func secrets(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "secrets")
	if out, err := exec.Command("/bin/sh", "make-secrets", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// load reads a node's configuration as the program does in its container, with the
// files of secrets where make-secrets has put them.
func load(t *testing.T, c service, dir string) config.Config {
	t.Helper()
	var environ []string
	for k, v := range c.Environment {
		environ = append(environ, k+"="+strings.ReplaceAll(v, "/etc/testimonyd.yaml", filepath.Join(dir, "testimonyd.yaml")))
	}
	text := strings.ReplaceAll(read(t, "config/testimonyd.yaml"), "/run/secrets", dir)
	if err := os.WriteFile(filepath.Join(dir, "testimonyd.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Sources{Environ: environ}.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// The program accepts the configuration of each node; all it writes goes into volumes
// of all nodes or into memory, each has a journal of its own, and the journal is on no
// volume of anything else.
func TestTheProgramAcceptsTheConfiguration(t *testing.T) {
	s, dir := theStack(t), secrets(t)
	named := map[string]bool{}
	for _, name := range s.nodes() {
		c := s.Services[name]
		cfg := load(t, c, dir)
		for _, place := range []string{cfg.DataDir, cfg.KeysDir, cfg.Journal.Dir} {
			if !slices.Contains(c.mounts(), place) {
				t.Errorf("%s: %s is on the read-only root", name, place)
			}
		}
		if named[cfg.Journal.Node] {
			t.Errorf("two nodes write the journal %s", cfg.Journal.Node)
		}
		named[cfg.Journal.Node] = true
		for _, secret := range []string{cfg.Store.URLFile, cfg.Blobs.S3.SecretKeyFile} {
			if !slices.Contains(c.Secrets, filepath.Base(secret)) {
				t.Errorf("%s is not given %s", name, secret)
			}
		}
		if !slices.Contains(c.Volumes, "journal:"+cfg.Journal.Dir) || !slices.Contains(c.Volumes, "keys:"+cfg.KeysDir) {
			t.Errorf("%s mounts %v", name, c.Volumes)
		}
		if cfg.Listen != "0.0.0.0:8080" || len(cfg.Origins) != 1 {
			t.Errorf("%s listens on %s for %v", name, cfg.Listen, cfg.Origins)
		}
	}
	if len(named) != 3 {
		t.Errorf("%d nodes", len(named))
	}
}

// The proxy hands on to every node, keeps nothing, and repeats nothing.
func TestTheProxyKnowsTheNodesAndKeepsNothing(t *testing.T) {
	s, text := theStack(t), read(t, "config/nginx.conf")
	var upstream []string
	for _, m := range regexp.MustCompile(`server ([a-z0-9-]+):8080 `).FindAllStringSubmatch(text, -1) {
		upstream = append(upstream, m[1])
	}
	if !slices.Equal(upstream, s.nodes()) {
		t.Errorf("the proxy hands on to %v, the nodes are %v", upstream, s.nodes())
	}
	for _, line := range []string{"access_log off;", "error_log /dev/null crit;", "proxy_next_upstream off;", "proxy_request_buffering off;",
		"proxy_buffering off;", "proxy_max_temp_file_size 0;", "proxy_cache off;", "gzip off;", "listen 8443 ssl;",
		"ssl_certificate /run/secrets/tls_certificate;", "ssl_certificate_key /run/secrets/tls_key;"} {
		if !strings.Contains(text, line) {
			t.Errorf("the proxy's configuration does not say %q", line)
		}
	}
}

// Old TLS is accepted where phones send forms, and the vault serves nothing else there.
func TestOldTLSIsForPhonesOnly(t *testing.T) {
	s, text := theStack(t), read(t, "config/nginx.conf")
	cfg := load(t, s.Services[s.nodes()[0]], secrets(t))
	people, phones, ok := strings.Cut(text, "listen 8444 ssl;")
	if !ok || !strings.HasSuffix(cfg.FieldTools.Origin, ":8444") {
		t.Fatalf("phones have the address %q", cfg.FieldTools.Origin)
	}
	if !strings.Contains(people, "ssl_protocols TLSv1.3;") || strings.Contains(people, "TLSv1.2;") || strings.Contains(people, "TLSv1.2 TLS") {
		t.Error("old TLS is accepted from everybody")
	}
	for _, line := range []string{"ssl_protocols TLSv1.2 TLSv1.3;", "location /or/ {", "location / { return 404; }", "proxy_set_header Host $http_host;",
		"proxy_request_buffering off;", "proxy_next_upstream off;"} {
		if !strings.Contains(phones, line) {
			t.Errorf("the proxy's configuration for phones does not say %q", line)
		}
	}
}

// The S3 server is the one that the tests run against, and its bucket the one that the
// nodes are told.
func TestTheObjectServerIsTheOneThatIsTested(t *testing.T) {
	s := theStack(t)
	_, version, _ := strings.Cut(s.Services["s3"].Image, ":")
	if !strings.Contains(read(t, "../internal/tools/servers/go.mod"), "github.com/versity/versitygw "+version+" ") {
		t.Errorf("the tests run against another version than %s", version)
	}
	cfg := load(t, s.Services[s.nodes()[0]], secrets(t))
	script := read(t, "config/s3.sh")
	if !strings.Contains(script, "/objects/files/"+cfg.Blobs.S3.Bucket+" ") || !strings.Contains(script, "ROOT_ACCESS_KEY="+cfg.Blobs.S3.AccessKey+" ") {
		t.Errorf("the server has another bucket or key than %s, %s", cfg.Blobs.S3.Bucket, cfg.Blobs.S3.AccessKey)
	}
	if host := "http://s3:7070"; cfg.Blobs.S3.Endpoint != host || !strings.Contains(script, "--port :7070") {
		t.Errorf("the nodes look for %s", cfg.Blobs.S3.Endpoint)
	}
}

// The database servers keep what the vault promises, and let in who must.
func TestTheDatabasesKeepWhatIsAcknowledged(t *testing.T) {
	s := theStack(t)
	settings := read(t, "config/postgresql.conf")
	for _, line := range []string{"fsync = on", "synchronous_commit = on", "hot_standby_feedback = off", "client_connection_check_interval = 0", "log_statement = none"} {
		if !strings.Contains(settings, "\n"+line) {
			t.Errorf("the servers' settings do not say %q", line)
		}
	}
	first := read(t, "config/first-start.sh")
	for _, name := range []string{"db-1", "db-2"} {
		if node := s.Services[name].Environment["NODE"]; !strings.Contains(first, "synchronous_standby_names = 'ANY 1 (db_1, db_2)'") || node != strings.ReplaceAll(name, "-", "_") {
			t.Errorf("%s calls itself %s, which is waited for by nobody", name, node)
		}
		if !strings.Contains(read(t, filepath.Join(secrets(t), "database")), name) {
			t.Errorf("the nodes do not look for %s", name)
		}
	}
}

// The image is built from a compiler of a fixed version, reproducibly, and runs as
// nobody.
func TestTheImageHoldsNothingButTheProgram(t *testing.T) {
	text := read(t, "Containerfile")
	for _, m := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(text, -1) {
		if m[1] != "scratch" && !pinned.MatchString(m[1]) {
			t.Errorf("it is built from %s", m[1])
		}
	}
	for _, line := range []string{"npm ci --ignore-scripts", "go run ./internal/web/build", "CGO_ENABLED=0", "-trimpath -buildvcs=false", "FROM scratch", "USER 10001:10001", `ENTRYPOINT ["/testimonyd"]`} {
		if !strings.Contains(text, line) {
			t.Errorf("it does not say %q", line)
		}
	}
}

// Every script is one that its shell understands.
func TestTheScriptsAreRead(t *testing.T) {
	for script, shell := range map[string]string{"make-secrets": "sh", "config/s3.sh": "sh", "config/first-start.sh": "bash", "config/database.sh": "bash"} {
		if out, err := exec.Command(shell, "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", script, err, out)
		}
	}
}
