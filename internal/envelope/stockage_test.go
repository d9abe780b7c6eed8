package envelope_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/envelope/envelopetest"
	"github.com/relatingfield/vault/internal/stockagetest"
)

// What a reader gets opens with the ordinary age program, tar and sha256sum,
// by the very commands that the documentation gives, for both kinds of key.
func TestAReaderNeedsOnlyAgeTarAndSha256sum(t *testing.T) {
	for name, keygen := range map[string][]string{"post-quantum": {"-pq"}, "classic": nil} {
		dir := t.TempDir()
		run(t, dir, stockagetest.Keygen(t), append(keygen, "-o", "key.txt")...)
		recipient := run(t, dir, stockagetest.Keygen(t), "-y", "key.txt")
		content := noise(700_000)
		writePart(t, filepath.Join(dir, "part.age"), strings.TrimSpace(recipient), content)

		run(t, dir, stockagetest.Binary(t), "-d", "-i", "key.txt", "-o", "part.tar", "part.age")
		run(t, dir, "tar", "-xf", "part.tar")
		checked := run(t, dir, "sha256sum", "-c", "SHA256SUMS")
		if strings.Count(checked, ": OK\n") != 3 {
			t.Errorf("%s: sha256sum says %q", name, checked)
		}
		got, err := os.ReadFile(filepath.Join(dir, "content"))
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: content of %d bytes, %v", name, len(got), err)
		}
		info, err := os.ReadFile(filepath.Join(dir, "part.json"))
		if p, parseErr := envelope.ParsePartInfo(info); err != nil || parseErr != nil || !reflect.DeepEqual(p, text("شهادة.txt")) {
			t.Errorf("%s: part.json is %s, %v, %v", name, info, err, parseErr)
		}
	}
}

// writePart seals a container and writes header ‖ payload.
func writePart(t *testing.T, path, recipient string, content []byte) {
	t.Helper()
	to, _, err := envelope.ParseRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t)
	container, err := envelope.Contain(text("شهادة.txt"), bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	file := bytes.NewBuffer(compose(t, key, to))
	if _, err := envelope.Seal(file, container, key, newNonce(t), 2); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What the age program writes opens here too.
func TestWhatTheAgeProgramWritesOpensHere(t *testing.T) {
	dir, id, plaintext := t.TempDir(), hybrid(t), noise(200_000)
	if err := os.WriteFile(filepath.Join(dir, "plain"), plaintext, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, stockagetest.Binary(t), "-r", id.Recipient().String(), "-o", "sealed.age", "plain")
	f, err := os.ReadFile(filepath.Join(dir, "sealed.age"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := envelope.OpenHeader(f[:envelope.HybridHeaderSize], id)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	payload := f[envelope.HybridHeaderSize:]
	if err := envelope.OpenPayload(&out, bytes.NewReader(payload), key, bind(payload, key)); err != nil || !bytes.Equal(out.Bytes(), plaintext) {
		t.Fatalf("%d bytes, %v", out.Len(), err)
	}
}

// A card opens with the age program and is JSON, filling included.
func TestACardOpensWithTheAgeProgram(t *testing.T) {
	dir, id := t.TempDir(), hybrid(t)
	file, err := envelope.SealCard(card(), id.Recipient(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"key.txt": []byte(id.String() + "\n"), "card.age": file} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	plaintext := run(t, dir, stockagetest.Binary(t), "-d", "-i", "key.txt", "card.age")
	if c, err := envelope.ParseCard([]byte(plaintext)); err != nil || c.Title != card().Title {
		t.Fatalf("%q, %v", plaintext, err)
	}
}

// The attack that commitments exist for is real: the age program itself opens
// one payload, under two headers, as two texts, and complains about neither.
func TestTheAgeProgramOpensASalamanderBothWays(t *testing.T) {
	dir, one, two := t.TempDir(), newKey(t), newKey(t)
	payload, err := envelopetest.Salamander(one, two, newNonce(t), []byte("the first text"), []byte("the second text"))
	if err != nil {
		t.Fatal(err)
	}
	for want, key := range map[string]envelope.FileKey{"the first text": one, "the second text": two} {
		id := hybrid(t)
		file := append(compose(t, key, id.Recipient()), payload...)
		for name, b := range map[string][]byte{"key.txt": []byte(id.String() + "\n"), "part.age": file} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := run(t, dir, stockagetest.Binary(t), "-d", "-i", "key.txt", "part.age"); !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	var complaints strings.Builder
	cmd.Dir, cmd.Stderr = dir, &complaints
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, complaints.String())
	}
	return string(out)
}
