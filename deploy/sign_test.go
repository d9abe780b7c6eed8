package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// signed is a small release, signed with a key made for the test, and where ssh-keygen is.
func signed(t *testing.T) (dir, keygen, key string) {
	t.Helper()
	keygen = strings.TrimSpace(run(t, "..", nil, "internal/tools/ssh-keygen"))
	dir, key = filepath.Join(t.TempDir(), "dist"), filepath.Join(t.TempDir(), "release-key")
	run(t, ".", nil, keygen, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key)
	run(t, ".", nil, "sh", "-c", `mkdir "$0" && cd "$0" && echo one >a.tar.gz && echo two >b.deb && sha256sum -- * >SHA256SUMS`, dir)
	run(t, "..", []string{"RELEASE_KEY=" + key, "SSH_KEYGEN=" + keygen}, "deploy/sign-release", dir)
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(filepath.Dir(dir), "allowed_signers"), "release "+string(public))
	return dir, keygen, key
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// documented are the commands of release.md by which anybody verifies.
func documented(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "docs", "operate", "release.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := regexp.MustCompile(`(?m)^    (sha256sum --check.*?|ssh-keygen -Y verify.*?)( +#.*)?$`).FindAllStringSubmatch(string(b), -1)
	if len(out) != 2 {
		t.Fatalf("release.md has %d commands to verify with", len(out))
	}
	return []string{out[0][1], out[1][1]}
}

// verify runs them as they are written, beside the allowed signers.
func verify(t *testing.T, dir, keygen string) error {
	t.Helper()
	for _, c := range documented(t) {
		cmd := exec.Command("sh", "-c", "set -e; cp ../allowed_signers .; PATH=$(dirname '"+keygen+"'):$PATH; "+c)
		cmd.Dir = dir
		if err := cmd.Run(); err != nil {
			return err
		}
	}
	return nil
}

// What is signed verifies with stock programs as it is written, and nothing else does.
func TestASignedReleaseVerifiesAsItIsWritten(t *testing.T) {
	dir, keygen, _ := signed(t)
	if err := verify(t, dir, keygen); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]string{
		"a file is another":               "echo x >>a.tar.gz",
		"the manifest is another":         "echo x >>a.tar.gz; sha256sum a.tar.gz b.deb >SHA256SUMS",
		"it is signed by somebody else":   "rm SHA256SUMS.sig; '" + keygen + "' -q -t ed25519 -N '' -f ../other; '" + keygen + "' -Y sign -n testimony-vault-release -f ../other SHA256SUMS",
		"it is signed for something else": "'" + keygen + "' -q -t ed25519 -N '' -f ../third; rm SHA256SUMS.sig; '" + keygen + "' -Y sign -n git -f ../third SHA256SUMS; printf 'release ' >../allowed_signers; cat ../third.pub >>../allowed_signers",
		"there is no signature":           "rm SHA256SUMS.sig",
	} {
		dir, keygen, _ := signed(t)
		run(t, dir, nil, "sh", "-c", spoil)
		if verify(t, dir, keygen) == nil {
			t.Errorf("it verifies although %s", name)
		}
	}
}

// Nothing is signed that the manifest does not cover, nor by another kind of key.
func TestOnlyAWholeManifestIsSigned(t *testing.T) {
	for name, spoil := range map[string]string{
		"a file is not in it":  "rm SHA256SUMS.sig; echo three >c",
		"a file is another":    "rm SHA256SUMS.sig; echo three >b.deb",
		"it is signed already": "true",
		"there is no key":      "rm SHA256SUMS.sig; rm '$KEY'",
		"it is an RSA key":     "rm SHA256SUMS.sig '$KEY' '$KEY.pub'; '$KEYGEN' -q -t rsa -N '' -f '$KEY'",
	} {
		dir, keygen, key := signed(t)
		run(t, dir, nil, "sh", "-c", strings.NewReplacer("$KEYGEN", keygen, "$KEY", key).Replace(spoil))
		cmd := exec.Command("deploy/sign-release", dir)
		cmd.Dir, cmd.Env = "..", append(os.Environ(), "SSH_KEYGEN="+keygen, "RELEASE_KEY="+key)
		if err := cmd.Run(); err == nil {
			t.Errorf("it was signed although %s", name)
		}
	}
}

// Silence is not taken for an answer: what could not be looked up is said, and before a
// release it fails; a vulnerability fails always.
func TestVulnerabilitiesAreNotPassedOver(t *testing.T) {
	for _, c := range []struct {
		exit, strict string
		good         bool
		says         string
	}{
		{"0", "", true, "no known vulnerability"}, {"0", "--strict", true, "no known vulnerability"}, {"3", "", false, "found"},
		{"3", "--strict", false, "found"}, {"1", "", true, "NOT LOOKED UP"}, {"1", "--strict", false, "NOT LOOKED UP"},
	} {
		bin, cache := t.TempDir(), t.TempDir()
		write(t, filepath.Join(bin, "go"), "#!/bin/sh\necho found\nexit "+c.exit+"\n")
		if err := os.Chmod(filepath.Join(bin, "go"), 0o700); err != nil {
			t.Fatal(err)
		}
		args := []string{}
		if c.strict != "" {
			args = append(args, c.strict)
		}
		cmd := exec.Command("internal/tools/vuln", args...)
		cmd.Dir, cmd.Env = "..", append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "XDG_CACHE_HOME="+cache, "VULNDB=file:///nowhere")
		out, err := cmd.CombinedOutput()
		if (err == nil) != c.good || !strings.Contains(string(out), c.says) {
			t.Errorf("%+v: %v\n%s", c, err, out)
		}
	}
}
