package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// onMachine runs a script on a copy of this system, which is gone with its namespaces: what
// is installed, written and removed there is nowhere else. The release lies in /release.
const onMachine = `set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
mkdir -p "$1/root/release"
mount --bind "$2" "$1/root/release"
mount -t proc proc "$1/root/proc"
mount -t tmpfs tmpfs "$1/root/run"
mount --rbind /dev "$1/root/dev"
chroot "$1/root" /bin/sh -c "$3"`

// walk is every command of a page that can be run, in order; the others begin with
// systemctl.
func walk(t *testing.T, page string) (out []string) {
	t.Helper()
	for line := range strings.Lines(read(t, "../docs/operate/"+page)) {
		if command, ok := strings.CutPrefix(line, "    "); ok && !strings.HasPrefix(command, "systemctl ") {
			out = append(out, strings.TrimSpace(command))
		}
	}
	if len(out) < 8 {
		t.Fatalf("%s has %d commands", page, len(out))
	}
	return out
}

// installed follows docs/operate/machine.md on a copy of this machine, with the package as
// it is released: it starts nothing, is founded and serves, keeps everything when it is
// removed, and says what a purge takes.
func installed(t *testing.T, release string) {
	t.Helper()
	script := []string{"set -eu", "cd /release", "export HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	for _, command := range walk(t, "machine.md") {
		switch {
		case strings.Contains(command, "testimonyd found"):
			script = append(script, "a=$(testimony steward new Amal --words-out $HOME/a)", "o=$(testimony steward new Oksana --words-out $HOME/o)")
			command = strings.NewReplacer("Amal=KEY-OF-AMAL", `"$a"`, "Oksana=KEY-OF-OKSANA", `"$o"`).Replace(command)
		case strings.Contains(command, "testimonyd ready"):
			// What systemctl would start.
			script = append(script, "install -d -o testimonyd -g testimonyd -m 0700 /run/testimonyd",
				"runuser -u testimonyd -- testimonyd serve --config /etc/testimonyd/testimonyd.yaml >/tmp/log 2>&1 & serving=$!",
				"n=0; until grep -q 'https://vault.example' /tmp/log; do n=$((n+1)); [ $n -lt 300 ]; kill -0 $serving; sleep 0.1; done")
		case strings.HasPrefix(command, "dpkg --remove"):
			script = append(script, "kill $serving; wait $serving || true")
		}
		script = append(script, "echo '+ "+strings.ReplaceAll(command, "'", "")+"'", command)
		if strings.HasPrefix(command, "dpkg -i") {
			script = append(script, "if pgrep -x testimonyd; then exit 91; fi", "getent passwd testimonyd")
		}
		if strings.HasPrefix(command, "dpkg --") {
			script = append(script, "if test -e /usr/bin/testimonyd; then exit 92; fi", "test -s /var/lib/testimonyd/vault.db", "test -d /var/lib/testimonyd/keys", "test -d /mnt/journal/vault", "getent passwd testimonyd")
		}
		if strings.HasPrefix(command, "dpkg --remove") {
			script = append(script, "grep -q vault.example /etc/testimonyd/testimonyd.yaml")
		}
	}
	script = append(script, "if test -e /etc/testimonyd; then exit 93; fi", "echo WALKED")
	mounts := t.TempDir()
	out, err := exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", onMachine, "sh", mounts, release, strings.Join(script, "\n")).CombinedOutput()
	said := string(out)
	if err != nil || !strings.HasSuffix(said, "WALKED\n") {
		t.Fatalf("%v:\n%s", err, said)
	}
	for _, want := range []string{"is installed and not started", "the configuration is sound", "Kept: /var/lib/testimonyd"} {
		if !strings.Contains(said, want) {
			t.Errorf("nobody is told %q:\n%s", want, said)
		}
	}
	if _, err := os.Stat(filepath.Join("/var/lib/testimonyd", "vault.db")); err == nil {
		t.Error("the machine itself was changed")
	}
}

// Compose itself reads the stack: every name and every value of it is in its schema.
func TestComposeReadsTheStack(t *testing.T) {
	cmd := exec.Command("go", "run", "-C", "../internal/tools/compose", ".", absolute(t, "compose.yaml"))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	bent := strings.Replace(read(t, "compose.yaml"), "read_only: true", "readonly: true", 1)
	name := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(name, []byte(bent), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command("go", "run", "-C", "../internal/tools/compose", ".", name)
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Errorf("a misspelt name is taken: %s", out)
	}
}

func absolute(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
