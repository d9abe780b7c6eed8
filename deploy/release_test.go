package deploy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run runs a program that must end well.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, out, errors.Bytes())
	}
	return string(out)
}

// copied is the tree in another folder, as somebody else has it.
func copied(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "somewhere-else")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, "..", nil, "sh", "-c", `tar --exclude=./.git --exclude=./var --exclude=./bin --exclude=node_modules -cf - . | tar -C "$0" -xf -`, dir)
	return dir
}

// Whoever builds the release from the same source gets the same bytes, in whatever
// folder, so that what we sign can be checked by people who do not trust us.
func TestAReleaseIsTheSameBytesWhereverItIsBuilt(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	only := []string{"PLATFORMS=amd64"} // the other kinds of machine go the same way
	run(t, "..", only, "deploy/make-release", one)
	run(t, copied(t), append(only, "TMPDIR="+t.TempDir(), "TZ=Asia/Aden", "LC_ALL=C.UTF-8"), "deploy/make-release", other)
	entries, err := os.ReadDir(one)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 6 {
		t.Errorf("the release has %d files: %v", len(entries), entries)
	}
	for _, e := range entries {
		a, errA := os.ReadFile(filepath.Join(one, e.Name()))
		b, errB := os.ReadFile(filepath.Join(other, e.Name()))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs between two builds (%d and %d bytes, %v, %v)", e.Name(), len(a), len(b), errA, errB)
		}
		if bytes.Contains(a, []byte(one)) {
			t.Errorf("%s holds the folder that it was built in", e.Name())
		}
	}
	run(t, one, nil, "sha256sum", "--check", "--strict", "SHA256SUMS")
	packaged(t, one)
	installed(t, one)
	inventoried(t, one)
}

// packaged looks into the Debian package: its program runs, its configuration is
// taken by the program, and nothing in it belongs to or may be changed by others.
func packaged(t *testing.T, release string) {
	t.Helper()
	deb, err := filepath.Glob(filepath.Join(release, "*.deb"))
	if err != nil || len(deb) != 1 {
		t.Fatalf("packages: %v, %v", deb, err)
	}
	at := t.TempDir()
	run(t, at, nil, "dpkg-deb", "--extract", deb[0], ".")
	version := strings.TrimSpace(run(t, at, nil, "dpkg-deb", "--field", deb[0], "Version"))
	if said := run(t, at, nil, "usr/bin/testimonyd", "version"); !strings.HasPrefix(said, "testimonyd "+version+" ") {
		t.Errorf("the package is version %s, the program says %s", version, said)
	}
	run(t, at, nil, "usr/bin/testimonyd", "config", "check", "--config", "etc/testimonyd/testimonyd.yaml")
	settings := run(t, at, nil, "usr/bin/testimonyd", "config", "print", "--config", "etc/testimonyd/testimonyd.yaml")
	for _, want := range []string{"data_dir: /var/lib/testimonyd", "socket: /run/testimonyd/watch.sock"} {
		if !strings.Contains(settings, want) {
			t.Errorf("the package's configuration does not say %s", want)
		}
	}
	for line := range strings.Lines(run(t, at, nil, "dpkg-deb", "--contents", deb[0])) {
		if mode := strings.Fields(line)[0]; !strings.Contains(line, " root/root ") || strings.Contains(mode[4:], "w") || strings.Contains(mode, "s") {
			t.Errorf("in the package: %s", line)
		}
	}
	if conf := run(t, at, nil, "dpkg-deb", "--info", deb[0], "conffiles"); strings.TrimSpace(conf) != "/etc/testimonyd/testimonyd.yaml" {
		t.Errorf("an upgrade would overwrite what the operator wrote: %q", conf)
	}
}

// inventoried looks whether the inventories name what surely is inside, and no tool.
func inventoried(t *testing.T, release string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(release, "*.cdx.json"))
	if err != nil || len(files) != 3 {
		t.Fatalf("inventories: %v, %v", files, err)
	}
	all := ""
	for _, f := range files {
		var b struct {
			Components []struct {
				PURL     string
				Licenses []any
			}
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatal(err)
		}
		for _, c := range b.Components {
			all += c.PURL + "\n"
			if len(c.Licenses) != 1 {
				t.Errorf("%s: %s has %d licences", f, c.PURL, len(c.Licenses))
			}
		}
	}
	for want, inside := range map[string]bool{"pkg:golang/filippo.io/age@": true, "pkg:golang/modernc.org/sqlite@": true, "pkg:npm/preact@": true,
		"pkg:npm/typescript@": false, "pkg:golang/github.com/evanw/esbuild": false, "pkg:golang/pgregory.net/rapid": false} {
		if strings.Contains(all, want) != inside {
			t.Errorf("%s is in the inventories: %v, and should be: %v", want, !inside, inside)
		}
	}
}

// A release is not mixed into what lies in a folder already.
func TestAReleaseNeedsAnEmptyFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "something.deb"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("./make-release", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is not empty") {
		t.Errorf("%v: %s", err, out)
	}
}

// systemd rates what the service may do to the machine: 0 is nothing, 10 everything.
func TestTheServiceMayDoNextToNothing(t *testing.T) {
	analyze := func(unit string) (string, error) {
		out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=20", unit).CombinedOutput()
		return string(out), err
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Fatal("systemd-analyze is missing: install your system's systemd package")
	}
	if out, err := analyze("systemd/testimonyd.service"); err != nil {
		t.Errorf("its exposure is above 2.0: %v\n%s", err, out)
	}
	open := filepath.Join(t.TempDir(), "testimonyd.service")
	text := strings.NewReplacer("ProtectSystem=strict", "", "CapabilityBoundingSet=", "", "SystemCallFilter=@system-service", "", "PrivateDevices=yes", "").Replace(read(t, "systemd/testimonyd.service"))
	if err := os.WriteFile(open, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := analyze(open); err == nil {
		t.Errorf("a service that may do much passes as well:\n%s", out)
	}
}
