package envelope_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/relatingfield/vault/internal/envelope"
	"pgregory.net/rapid"
)

func text(name string) envelope.PartInfo {
	return envelope.PartInfo{MediaType: "text/plain; charset=utf-8", Name: name, Kind: envelope.Original}
}

func contain(t testing.TB, info envelope.PartInfo, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := envelope.WriteContainer(&b, info, bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readAll gives description and content of a container.
func readAll(r io.Reader) (envelope.PartInfo, []byte, error) {
	c, err := envelope.ReadContainer(r)
	if err != nil {
		return envelope.PartInfo{}, nil, err
	}
	content, err := io.ReadAll(c)
	return c.Info, content, err
}

// What goes in comes out, the size is the one computed before, and the bytes
// arrive in whatever pieces.
func TestAContainerGivesBackWhatWentIn(t *testing.T) {
	info := text("شهادة.txt")
	for _, n := range []int{0, 1, 511, 512, 513, 12_000, 16_384, 60_000, 70_000, 300_001} {
		b := contain(t, info, noise(n))
		size, err := envelope.ContainerSize(info, int64(n))
		if err != nil || size != int64(len(b)) {
			t.Errorf("%d bytes: %d written, %d announced, %v", n, len(b), size, err)
		}
		for _, r := range []io.Reader{bytes.NewReader(b), iotest.HalfReader(bytes.NewReader(b)), iotest.DataErrReader(bytes.NewReader(b))} {
			got, content, err := readAll(r)
			if err != nil || !reflect.DeepEqual(got, info) || !bytes.Equal(content, noise(n)) {
				t.Errorf("%d bytes: %+v and %d bytes, %v", n, got, len(content), err)
			}
		}
	}
}

// Every container begins with the same 512 bytes, which are public. (The digest
// is of the block that GNU tar writes for such a file in ustar format.)
func TestTheFirstBlockIsConstant(t *testing.T) {
	const want = "7b820e517f7dcd168c68741361906aab001821e3e904211232938700f2463c1b"
	for _, b := range [][]byte{contain(t, text(""), nil), contain(t, text("x"), noise(100_000))} {
		if sum := fmt.Sprintf("%x", sha256.Sum256(b[:512])); sum != want {
			t.Errorf("the first block has digest %s, want %s", sum, want)
		}
	}
}

// Any tar program reads it: four plain read-only files without owner and time,
// in this order, with checksums that coreutils check.
func TestAContainerIsAnOrdinaryArchive(t *testing.T) {
	content := noise(5000)
	r := tar.NewReader(bytes.NewReader(contain(t, text("a.txt"), content)))
	var sums, all []string
	for _, name := range []string{"TESTIMONY-VAULT-1", "part.json", "content", "SHA256SUMS"} {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if h.Name != name || h.Typeflag != tar.TypeReg || h.Mode != 0o400 || h.Uid+h.Gid != 0 || h.Uname+h.Gname != "" || h.ModTime.Unix() != 0 || h.Format != tar.FormatUSTAR {
			t.Errorf("%s: %+v", name, h)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, fmt.Sprintf("%x  %s\n", sha256.Sum256(b), name))
		all = append(all, string(b))
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("after the last member: %v", err)
	}
	if all[2] != string(content) || all[3] != strings.Join(sums[:3], "") {
		t.Errorf("SHA256SUMS is\n%s", all[3])
	}
}

// The archive is, byte for byte, what the standard library writes for the same
// members, up to the filling.
func TestAContainerIsWhatArchiveTarWrites(t *testing.T) {
	content := noise(5000)
	ours := contain(t, text("a.txt"), content)
	var theirs bytes.Buffer
	w, r := tar.NewWriter(&theirs), tar.NewReader(bytes.NewReader(ours))
	for h, err := r.Next(); err != io.EOF; h, err = r.Next() {
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n := theirs.Len(); !bytes.Equal(theirs.Bytes(), ours[:n]) || len(bytes.Trim(ours[n:], "\x00")) > 0 {
		t.Fatalf("archive/tar writes %d other bytes", n)
	}
}

// The size tells the class and nothing finer: at most 3.2 % more than needed
// beyond 64 KiB, and by the formula of Padmé computed another way.
func TestSizesFallIntoFewClasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, envelope.MaxPlaintext-1<<20).Draw(t, "content")
		size, err := envelope.ContainerSize(text("x"), n)
		if err != nil {
			t.Fatal(err)
		}
		raw := 8*512 + (n+511)/512*512
		switch {
		case size < raw || size%512 != 0:
			t.Fatalf("%d bytes of archive in %d", raw, size)
		case size <= 64<<10:
			if size != 16<<10 && size != 32<<10 && size != 64<<10 || size > 16<<10 && raw <= size/2 {
				t.Fatalf("%d bytes of archive in %d", raw, size)
			}
		default:
			exponent := bits.Len64(uint64(raw)) - 1
			loose := exponent - bits.Len(uint(exponent)) // low bits that must be zero
			if size&(1<<loose-1) != 0 || size-raw >= 1<<loose || float64(size) > float64(raw)*1.032 {
				t.Fatalf("%d bytes of archive in %d", raw, size)
			}
		}
	})
}

// What cannot be one part is said before anything is sealed.
func TestContentBeyondOnePartIsRefused(t *testing.T) {
	for _, n := range []int64{-1, envelope.MaxPlaintext - 4095, envelope.MaxPlaintext, envelope.MaxPlaintext + 1, 1<<63 - 1} {
		if size, err := envelope.ContainerSize(text("x"), n); !errors.Is(err, envelope.ErrSize) {
			t.Errorf("%d bytes: got %d, %v, want ErrSize", n, size, err)
		}
	}
	if size, err := envelope.ContainerSize(text("x"), envelope.MaxPlaintext-8*512); err != nil || size != envelope.MaxPlaintext {
		t.Errorf("the largest content: %d, %v", size, err)
	}
}

// Content that is shorter or longer than announced is an error, not a container.
func TestContentMustHaveTheLengthAnnounced(t *testing.T) {
	for _, n := range []int64{0, 99, 101, 5000} {
		err := envelope.WriteContainer(io.Discard, text("x"), bytes.NewReader(noise(100)), n)
		if !errors.Is(err, envelope.ErrSize) {
			t.Errorf("100 bytes announced as %d: got %v, want ErrSize", n, err)
		}
	}
	torn := io.MultiReader(bytes.NewReader(noise(50)), iotest.ErrReader(io.ErrUnexpectedEOF))
	if err := envelope.WriteContainer(io.Discard, text("x"), torn, 100); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("torn: got %v, want io.ErrUnexpectedEOF", err)
	}
}

// A description that could mislead or could not be read back is refused on both
// sides.
func TestPartDescriptionsAreStrict(t *testing.T) {
	for name, p := range map[string]envelope.PartInfo{
		"no media type":            {Kind: envelope.Original},
		"not a media type":         {MediaType: "text", Kind: envelope.Original},
		"long media type":          {MediaType: "text/" + strings.Repeat("x", 200), Kind: envelope.Original},
		"path":                     text("a/b"),
		"path of another system":   text(`..\b`),
		"parent":                   text(".."),
		"long name":                text(strings.Repeat("x", 256)),
		"line break":               text("a\nb"),
		"line separator":           text("a\u2028b"),
		"not UTF-8":                text("\xff"),
		"no kind":                  {MediaType: "text/plain"},
		"unknown kind":             {MediaType: "text/plain", Kind: "stolen"},
		"derived from nothing":     {MediaType: "text/plain", Kind: envelope.Redacted},
		"original of another part": {MediaType: "text/plain", Kind: envelope.Original, DerivedFrom: 1},
	} {
		if _, err := p.Encode(); !errors.Is(err, envelope.ErrContainer) {
			t.Errorf("%s: got %v, want ErrContainer", name, err)
		}
		if _, err := envelope.Contain(p, strings.NewReader(""), 0); !errors.Is(err, envelope.ErrContainer) {
			t.Errorf("%s: contained, %v", name, err)
		}
	}
	good := `{"media_type":"audio/webm;codecs=opus","name":"صوت.webm","kind":"voice-altered","derived_from":2}`
	p, err := envelope.ParsePartInfo([]byte(good))
	if again, _ := p.Encode(); err != nil || string(again) != good {
		t.Errorf("%s became %s, %v", good, again, err)
	}
	for _, bad := range []string{"", "{}", good + " ", strings.Replace(good, "name", "Name", 1), strings.Replace(good, "{", `{"x":1,`, 1), strings.Repeat(" ", 5000)} {
		if _, err := envelope.ParsePartInfo([]byte(bad)); !errors.Is(err, envelope.ErrContainer) {
			t.Errorf("%.40s: got %v, want ErrContainer", bad, err)
		}
	}
}

// No byte of a container can be changed, added or taken away without being
// noticed before the reader has said io.EOF.
func TestEveryBitOfAContainerCounts(t *testing.T) {
	b := contain(t, text("a.txt"), noise(700))
	for at := range b {
		for _, bit := range []byte{1, 0x80} {
			b[at] ^= bit
			if _, _, err := readAll(bytes.NewReader(b)); !errors.Is(err, envelope.ErrContainer) {
				t.Fatalf("byte %d changed: got %v, want ErrContainer", at, err)
			}
			b[at] ^= bit
		}
	}
	for _, n := range []int{0, 1, 511, 512, 1500, 2000, 3000, 5000, len(b) - 1, len(b) - 512} {
		if _, _, err := readAll(bytes.NewReader(b[:n])); !errors.Is(err, envelope.ErrContainer) {
			t.Errorf("cut to %d: got %v, want ErrContainer", n, err)
		}
	}
	for _, more := range []int{1, 512, 16 << 10} {
		if _, _, err := readAll(bytes.NewReader(append(bytes.Clone(b), make([]byte, more)...))); !errors.Is(err, envelope.ErrContainer) {
			t.Errorf("%d more zeros: got %v, want ErrContainer", more, err)
		}
	}
}

// A line that breaks is the line's error and not a bad container, and what has
// failed stays failed.
func TestAContainerReaderPassesOnItsSourcesErrors(t *testing.T) {
	b, broken := contain(t, text("a.txt"), noise(700)), errors.New("line broke")
	for _, at := range []int{0, 100, 1300, 1600, 2500, 16_000, len(b)} {
		_, _, err := readAll(io.MultiReader(bytes.NewReader(b[:at]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) || errors.Is(err, envelope.ErrContainer) {
			t.Errorf("after %d bytes: got %v", at, err)
		}
	}
	b[len(b)-1] = 1
	c, err := envelope.ReadContainer(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	_, first := io.ReadAll(c)
	if _, again := c.Read(make([]byte, 1)); first == nil || again != first {
		t.Errorf("first %v, then %v", first, again)
	}
}

func FuzzAContainerHasOneEncoding(f *testing.F) {
	f.Add(contain(f, text("a.txt"), noise(700)))
	f.Add(contain(f, envelope.PartInfo{MediaType: "image/jpeg", Kind: envelope.Cleaned, DerivedFrom: 1}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, content, err := readAll(bytes.NewReader(b))
		if err != nil {
			return
		}
		if again := contain(t, info, content); !bytes.Equal(again, b) {
			t.Fatalf("accepted %d bytes that are written as %d others", len(b), len(again))
		}
	})
}

func FuzzPartDescriptionsHaveOneSpelling(f *testing.F) {
	f.Add([]byte(`{"media_type":"audio/webm;codecs=opus","name":"صوت.webm","kind":"redacted","derived_from":2}`))
	f.Add([]byte(`{"media_type":"text/plain","name":"","kind":"cut","derived_from":1,"people":[{"role":"speaker","name":"","first_name":"","initial":"",` +
		`"pseudonym":"ليلى","country":"","region":"","place":"","affiliation":""}],"captured":{"time":1,"device":"","place":""}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := envelope.ParsePartInfo(b)
		if err != nil {
			return
		}
		if again, err := p.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("accepted %q, writes %q, %v", b, again, err)
		}
	})
}
