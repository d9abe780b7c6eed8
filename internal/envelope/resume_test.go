package envelope_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/relatingfield/vault/internal/envelope"
	"pgregory.net/rapid"
)

const leaf = envelope.LeafSize

// known is the tree of a plaintext that has been read once.
func known(t testing.TB, plaintext []byte) *envelope.Tree {
	t.Helper()
	tree := envelope.NewTree(int64(len(plaintext)))
	if got, err := io.ReadAll(tree.Reader(bytes.NewReader(plaintext), 0)); err != nil || !bytes.Equal(got, plaintext) {
		t.Fatalf("%d of %d bytes, %v", len(got), len(plaintext), err)
	}
	return tree
}

// again seals from byte from on, out of a plaintext that is read anew.
func again(tree *envelope.Tree, plaintext io.ReaderAt, key envelope.FileKey, nonce [16]byte, from int64, digest *envelope.Running, dst io.Writer) error {
	start := digest.Start(from)
	at := tree.LeafStart(start)
	src := tree.Reader(io.NewSectionReader(plaintext, at, 1<<40), start)
	return envelope.SealFrom(dst, src, key, nonce, from, digest, 2)
}

func lengths() []int {
	return []int{0, 1, envelope.ChunkSize, envelope.ChunkSize + 1, leaf - 1, leaf, leaf + 1, 2*leaf + 12345, 3 * leaf}
}

// Sealing from any byte on writes the very bytes that Seal writes there, however
// often and wherever it was broken off before, and the digest of the whole comes
// out of the goes together.
func TestSealingFromAnyByteWritesWhatSealWrites(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plaintext := noise(max(0, rapid.SampledFrom(lengths()).Draw(rt, "length")+rapid.IntRange(-2, 2).Draw(rt, "off")))
		tree, key := known(t, plaintext), newKey(t)
		nonce, err := envelope.DeriveNonce(key, tree)
		if err != nil {
			rt.Fatal(err)
		}
		var whole, got bytes.Buffer
		want, err := envelope.Seal(&whole, bytes.NewReader(plaintext), key, nonce, 1)
		if err != nil {
			rt.Fatal(err)
		}
		digest := envelope.NewRunning()
		for _, room := range rapid.SliceOfN(rapid.IntRange(0, 2*leaf), 0, 4).Draw(rt, "breaks") {
			dst := io.MultiWriter(&fullDisk{room: room, err: errLine}, &got)
			if err := again(tree, bytes.NewReader(plaintext), key, nonce, int64(got.Len()), digest, dst); err != nil && !errors.Is(err, errLine) {
				rt.Fatal(err)
			}
		}
		if err := again(tree, bytes.NewReader(plaintext), key, nonce, int64(got.Len()), digest, &got); err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), whole.Bytes()) || digest.Sealed() != want {
			rt.Fatalf("%d bytes sealed in goes, %d at once; %+v, %+v", got.Len(), whole.Len(), digest.Sealed(), want)
		}
	})
}

var errLine = errors.New("the line broke")

// On another machine, which has the key and the content and nothing else, the rest
// is the same, and so is the digest of the whole.
func TestAnotherMachineSealsTheRest(t *testing.T) {
	id, plaintext := classic(t), noise(2*leaf+777)
	key := newKey(t)
	nonce, err := envelope.DeriveNonce(key, known(t, plaintext))
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	want, err := envelope.Seal(&whole, bytes.NewReader(plaintext), key, nonce, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []int64{0, 1, 15, 16, 17, 65551, 65552, 65553, leaf, 2*leaf + 600, want.Size - 1, want.Size} {
		tree, digest := known(t, plaintext), envelope.NewRunning()
		if other, err := envelope.DeriveNonce(key, tree); err != nil || other != nonce {
			t.Fatalf("nonce %x, not %x, %v", other, nonce, err)
		}
		rest := bytes.NewBuffer(bytes.Clone(whole.Bytes()[:from]))
		if err := again(tree, bytes.NewReader(plaintext), key, nonce, from, digest, rest); err != nil || digest.Sealed() != want {
			t.Errorf("from %d: %+v, %v", from, digest.Sealed(), err)
		}
		if got, err := ageOpen(compose(t, key, id.Recipient()), rest.Bytes(), id); err != nil || !bytes.Equal(got, plaintext) {
			t.Errorf("from %d: age opens %d bytes, %v", from, len(got), err)
		}
	}
}

// Whatever becomes of a content between two readings, not a byte is sealed that
// the first reading did not seal: one key and nonce never meet two contents.
func TestNothingIsSealedOfAContentThatChanged(t *testing.T) {
	plaintext, key := noise(3*leaf+5), newKey(t)
	nonce, err := envelope.DeriveNonce(key, known(t, plaintext))
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if _, err := envelope.Seal(&whole, bytes.NewReader(plaintext), key, nonce, 1); err != nil {
		t.Fatal(err)
	}
	bent := func(at int) []byte {
		b := bytes.Clone(plaintext)
		b[at] ^= 1
		return b
	}
	for name, c := range map[string]struct {
		now  []byte
		safe int // bytes at its beginning that are still the same, by whole leaves
	}{
		"the first byte":        {bent(0), 0},
		"a byte of leaf 1":      {bent(leaf + 3), leaf},
		"the last byte":         {bent(len(plaintext) - 1), 3 * leaf},
		"one byte more":         {append(bytes.Clone(plaintext), 0), 3 * leaf},
		"one byte less":         {plaintext[:len(plaintext)-1], 3 * leaf},
		"cut at a leaf":         {plaintext[:2*leaf], 2 * leaf},
		"empty":                 {nil, 0},
		"two leaves exchanged":  {bytes.Join([][]byte{plaintext[leaf : 2*leaf], plaintext[:leaf], plaintext[2*leaf:]}, nil), 0},
		"a leaf twice":          {bytes.Join([][]byte{plaintext[:leaf], plaintext[:leaf], plaintext[2*leaf:]}, nil), leaf},
		"a change at the break": {bent(2 * leaf), 2 * leaf},
	} {
		for _, from := range []int64{0, 100, leaf + 50_000, 2*leaf + 50_000} {
			var out bytes.Buffer
			err := again(known(t, plaintext), bytes.NewReader(c.now), key, nonce, from, envelope.NewRunning(), &out)
			if !errors.Is(err, envelope.ErrChanged) {
				t.Errorf("%s, from %d: %v", name, from, err)
			}
			most := int(envelope.PayloadSize(int64(c.safe))) - int(from)
			if out.Len() > max(most, 0) || !bytes.HasPrefix(whole.Bytes()[from:], out.Bytes()) {
				t.Errorf("%s, from %d: %d bytes written, at most %d are the same", name, from, out.Len(), most)
			}
		}
	}
}

// A line that breaks while the content is read is the line's error, and never
// makes a shorter content of it.
func TestATornContentIsNotAChange(t *testing.T) {
	plaintext := noise(leaf + 10)
	for _, at := range []int{0, 5, leaf, leaf + 9, leaf + 10} {
		torn := io.MultiReader(bytes.NewReader(plaintext[:at]), iotest.ErrReader(errLine))
		tree := known(t, plaintext)
		if _, err := io.Copy(io.Discard, tree.Reader(torn, 0)); !errors.Is(err, errLine) || errors.Is(err, envelope.ErrChanged) {
			t.Errorf("torn at %d: %v", at, err)
		}
	}
}

// Two plaintexts have one nonce under a key only if they are the same: every
// change of content or length, however small, gives another.
func TestEveryContentHasANonceOfItsOwn(t *testing.T) {
	key, seen := newKey(t), map[[16]byte]string{}
	add := func(name string, plaintext []byte) {
		nonce, err := envelope.DeriveNonce(key, known(t, plaintext))
		if err != nil {
			t.Fatal(err)
		}
		if other, there := seen[nonce]; there {
			t.Errorf("%s has the nonce of %s", name, other)
		}
		seen[nonce] = name
	}
	base := noise(2*leaf + 3)
	add("base", base)
	for _, at := range []int{0, leaf - 1, leaf, 2*leaf + 2} {
		b := bytes.Clone(base)
		b[at] ^= 0x80
		add(fmt.Sprint("bit at ", at), b)
	}
	add("nothing", nil)
	for _, n := range []int{1, 2, leaf - 1, leaf, leaf + 1, 2 * leaf, 2*leaf + 2} {
		add(fmt.Sprint("zeros ", n), make([]byte, n))
		add(fmt.Sprint("prefix ", n), base[:n])
	}
	sum := sha256.Sum256(base[:leaf])
	add("a leaf's digest", sum[:])
	other, err := envelope.DeriveNonce(newKey(t), known(t, base))
	if _, there := seen[other]; err != nil || there {
		t.Errorf("another key gives the same nonce, %v", err)
	}
}

// A nonce is not made of half a content, nor without a key, and nothing is sealed
// from a source that stands elsewhere.
func TestWhatIsMissingIsRefused(t *testing.T) {
	half := envelope.NewTree(2 * leaf)
	if _, err := io.CopyN(io.Discard, half.Reader(bytes.NewReader(noise(2*leaf)), 0), leaf); err != nil {
		t.Fatal(err)
	}
	if _, err := envelope.DeriveNonce(newKey(t), half); err == nil {
		t.Error("a nonce of half a content")
	}
	if _, err := envelope.DeriveNonce(envelope.FileKey{}, known(t, nil)); !errors.Is(err, envelope.ErrKey) {
		t.Errorf("a nonce without a key: %v", err)
	}
	plaintext := noise(2 * leaf)
	src := known(t, plaintext).Reader(bytes.NewReader(plaintext[leaf:]), leaf)
	if err := envelope.SealFrom(io.Discard, src, newKey(t), newNonce(t), leaf, envelope.NewRunning(), 1); err == nil {
		t.Error("sealed with its beginning left out of the digest")
	}
	if _, err := io.ReadAll(envelope.NewTree(2*leaf).Reader(bytes.NewReader(plaintext[leaf:]), leaf)); err == nil {
		t.Error("read from the middle of what nobody has read")
	}
}
