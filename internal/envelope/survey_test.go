package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
	"pgregory.net/rapid"
)

// After one reading of the content its container can be read from any byte on,
// with no more of the content than lies behind the MiB that the byte is in.
func TestAContainerIsReadAgainFromAnyByte(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := max(0, rapid.SampledFrom([]int{0, 1, 511, 512, 14_000, leaf - 1600, leaf, 2*leaf + 99}).Draw(rt, "length")+rapid.IntRange(-3, 3).Draw(rt, "off"))
		content := noise(n)
		whole := contain(t, text("x"), content)
		s, err := envelope.Explore(text("x"), bytes.NewReader(content), int64(n))
		if err != nil || s.Tree().Size() != int64(len(whole)) {
			rt.Fatalf("%v", err)
		}
		at := rapid.Int64Range(0, int64(len(whole))).Draw(rt, "at")
		got, err := io.ReadAll(s.Reader(bytes.NewReader(content[s.ContentAt(at):]), at))
		if err != nil || !bytes.Equal(got, whole[at:]) {
			rt.Fatalf("from %d: %d bytes of %d, %v", at, len(got), len(whole)-int(at), err)
		}
	})
}

// A content of another length is noticed where it ends, also inside the filling
// that the container has anyway.
func TestAContentOfAnotherLengthHasChanged(t *testing.T) {
	content := noise(leaf + 1000)
	s, err := envelope.Explore(text("x"), bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range [][]byte{content[:len(content)-1], append(bytes.Clone(content), 1), nil} {
		if _, err := io.ReadAll(s.Reader(bytes.NewReader(now), 0)); !errors.Is(err, envelope.ErrChanged) {
			t.Errorf("%d bytes in the place of %d: %v", len(now), len(content), err)
		}
	}
	if _, err := envelope.Explore(text("x"), bytes.NewReader(content), 5); !errors.Is(err, envelope.ErrSize) {
		t.Errorf("a content longer than announced: %v", err)
	}
}

// begun is the payload of some content, and what she signed when she began it.
func begun(t testing.TB, n int) (payload []byte, key envelope.FileKey, nonce [16]byte) {
	t.Helper()
	key, nonce = newKey(t), newNonce(t)
	var out bytes.Buffer
	if _, err := envelope.Seal(&out, bytes.NewReader(contain(t, text("voice.m4a"), noise(n))), key, nonce, 1); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), key, nonce
}

// What a part is stands in its first chunk, which opens without the rest.
func TestTheBeginningSaysWhatThePartIs(t *testing.T) {
	for _, n := range []int{0, 100, 60_000, 300_000} {
		payload, key, nonce := begun(t, n)
		length := int64(len(payload))
		info, size, err := envelope.OpenBeginning(payload[:envelope.Beginning(length)], key, nonce, length)
		if err != nil || info.Name != "voice.m4a" || size != int64(n) {
			t.Errorf("%d bytes: %+v, %d, %v", n, info, size, err)
		}
	}
}

// A beginning that was bent, cut, made with another key, or that is not that of
// this upload is refused.
func TestAForgedBeginningIsRefused(t *testing.T) {
	payload, key, nonce := begun(t, 300_000)
	length := int64(len(payload))
	first := payload[:envelope.Beginning(length)]
	refuse := func(name string, stored []byte, key envelope.FileKey, nonce [16]byte, length int64) {
		if _, _, err := envelope.OpenBeginning(stored, key, nonce, length); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for at := 0; at < len(first); at += 997 {
		bent := bytes.Clone(first)
		bent[at] ^= 1
		refuse("a bent byte", bent, key, nonce, length)
	}
	other, otherKey, otherNonce := begun(t, 300_000)
	refuse("a short beginning", first[:len(first)-1], key, nonce, length)
	refuse("none", nil, key, nonce, length)
	refuse("another upload's", other[:len(first)], key, nonce, length)
	refuse("one of another key", first, otherKey, nonce, length)
	refuse("one of another nonce", first, key, otherNonce, length)
	refuse("one of another length", first, key, nonce, envelope.PayloadSize(1<<20))
	refuse("an impossible length", first, key, nonce, 17)
	refuse("the second chunk", append(bytes.Clone(nonce[:]), payload[len(first):2*len(first)-16]...), key, nonce, length)
}

// Whatever a server answers as the beginning of an upload, it is that beginning or
// an error.
func FuzzOpenBeginning(f *testing.F) {
	payload, key, nonce := begun(f, 200)
	length := int64(len(payload))
	f.Add(payload, length)
	f.Add(payload[:100], length)
	f.Add([]byte{}, int64(0))
	f.Fuzz(func(t *testing.T, stored []byte, of int64) {
		if _, _, err := envelope.OpenBeginning(stored, key, nonce, of); err == nil && (!bytes.Equal(stored, payload) || of != length) {
			t.Error("something else was taken for it")
		}
	})
}

// However a content changes, and wherever reading it again begins, what comes out
// is what was read before.
func FuzzVerified(f *testing.F) {
	f.Add(uint32(leaf+3), uint32(leaf), byte(1), int32(0), uint32(10))
	f.Add(uint32(0), uint32(0), byte(0), int32(1), uint32(0))
	f.Fuzz(func(t *testing.T, n, bentAt uint32, by byte, longer int32, from uint32) {
		before := noise(int(n % (3 * leaf)))
		tree := known(t, before)
		now := append(bytes.Clone(before), make([]byte, max(0, longer%1000))...)
		now = now[:max(0, len(now)+int(min(0, longer%1000)))]
		if len(now) > 0 {
			now[int(bentAt)%len(now)] ^= by
		}
		at := int64(from) % (int64(len(before)) + 1)
		start := min(tree.LeafStart(at), int64(len(now)))
		got, err := io.ReadAll(tree.Reader(bytes.NewReader(now[start:]), at))
		if !bytes.HasPrefix(before[at:], got) || err == nil && len(got) != len(before[at:]) {
			t.Errorf("%d bytes from %d on are not what they were, %v", len(got), at, err)
		}
	})
}
