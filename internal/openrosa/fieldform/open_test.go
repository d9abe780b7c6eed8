package fieldform_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
)

func privateKey(t *testing.T, k collecttest.Key) *rsa.PrivateKey {
	t.Helper()
	b, err := os.ReadFile(k.Private)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(b)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

// filled has files of every length around a block, and more of them than a vector
// has bytes.
func filled(style collecttest.Style) collecttest.Filled {
	f := collecttest.Filled{FormID: "f-1", Version: "2026110101", InstanceID: "uuid:6f0a0f5e-3c1d-4a52-9a41-0f3b6f2f6f01",
		Answers: "<data id=\"f-1\"><said>سمعتِ</said></data>", Style: style}
	for i, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 1000, 64 << 10, 1, 2, 3, 4, 5, 6, 7, 8} {
		f.Media = append(f.Media, collecttest.File{Name: string(rune('a'+i)) + ".bin", Content: bytes.Repeat([]byte{byte(i), 0xff}, n)[:n]})
	}
	return f
}

type memory struct {
	bytes.Buffer
	name  string
	files map[string][]byte
}

func (m *memory) Close() error { m.files[m.name] = m.Bytes(); return nil }

func open(t *testing.T, k collecttest.Key, s collecttest.Sent) (map[string][]byte, error) {
	t.Helper()
	m, err := fieldform.Parse(s.Manifest)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	from := func(name string) (io.ReadCloser, error) {
		for _, f := range s.Files {
			if f.Name == name {
				return io.NopCloser(bytes.NewReader(f.Content)), nil
			}
		}
		return nil, fieldform.ErrMissing
	}
	to := func(name string) (io.WriteCloser, error) { return &memory{name: name, files: out}, nil }
	return out, fieldform.Open(m, privateKey(t, k), from, to)
}

// What openssl encrypts as Collect does, in either spelling of the manifest, opens.
func TestItOpensWhatAnIndependentImplementationMakes(t *testing.T) {
	key := collecttest.NewKey(t, "3072")
	for _, style := range []collecttest.Style{collecttest.Collect, collecttest.Kobo} {
		for _, unversioned := range []bool{false, true} {
			f := filled(style)
			f.Unversioned = unversioned
			got, err := open(t, key, f.Encrypt(t, key))
			if err != nil {
				t.Fatal(err)
			}
			if string(got["submission.xml"]) != f.Answers || len(got) != len(f.Media)+1 {
				t.Errorf("%d files, answers %q", len(got), got["submission.xml"])
			}
			for _, m := range f.Media {
				if !bytes.Equal(got[m.Name], m.Content) {
					t.Errorf("%s has %d bytes, not %d", m.Name, len(got[m.Name]), len(m.Content))
				}
			}
		}
	}
}

// Whatever was exchanged, cut off, left out or made for somebody else does not open.
func TestItFailsClosed(t *testing.T) {
	key, other := collecttest.NewKey(t, "3072"), collecttest.NewKey(t, "3072")
	f := filled(collecttest.Collect)
	f.Media = f.Media[14:]
	last := func(s *collecttest.Sent) *collecttest.File { return &s.Files[len(s.Files)-1] }
	for name, c := range map[string]struct {
		change func(*collecttest.Sent)
		want   error
	}{
		"first byte":     {func(s *collecttest.Sent) { last(s).Content[0] ^= 1 }, fieldform.ErrSignature},
		"padding":        {func(s *collecttest.Sent) { b := last(s).Content; b[len(b)-1] ^= 0x80 }, fieldform.ErrDamaged},
		"cut to blocks":  {func(s *collecttest.Sent) { last(s).Content = last(s).Content[:16] }, fieldform.ErrDamaged},
		"cut in a block": {func(s *collecttest.Sent) { last(s).Content = last(s).Content[:17] }, fieldform.ErrDamaged},
		"emptied":        {func(s *collecttest.Sent) { last(s).Content = nil }, fieldform.ErrDamaged},
		"file left out":  {func(s *collecttest.Sent) { s.Files = s.Files[1:] }, fieldform.ErrMissing},
		"files exchanged": {func(s *collecttest.Sent) {
			s.Files[0].Content, s.Files[1].Content = s.Files[1].Content, s.Files[0].Content
		}, nil},
		"other id":   {func(s *collecttest.Sent) { s.Manifest = bytes.Replace(s.Manifest, []byte("6f01<"), []byte("6f02<"), 1) }, nil},
		"other form": {func(s *collecttest.Sent) { s.Manifest = bytes.Replace(s.Manifest, []byte(`"f-1"`), []byte(`"f-2"`), 1) }, fieldform.ErrSignature},
		"other version": {func(s *collecttest.Sent) {
			s.Manifest = bytes.Replace(s.Manifest, []byte("20261101"), []byte("20261102"), 1)
		}, fieldform.ErrSignature},
		"media unlisted": {func(s *collecttest.Sent) {
			s.Manifest = bytes.Replace(s.Manifest, []byte("<media><file>o.bin.enc</file></media>"), nil, 1)
		}, nil},
		"other signature": {func(s *collecttest.Sent) { s.Manifest = exchange(s.Manifest, f.Encrypt(t, key).Manifest) }, fieldform.ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			s := f.Encrypt(t, key)
			c.change(&s)
			_, err := open(t, key, s)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%v, not %v", err, c.want)
			}
		})
	}
	if _, err := open(t, other, f.Encrypt(t, key)); !errors.Is(err, fieldform.ErrKey) {
		t.Errorf("with another key: %v", err)
	}
}

// exchange puts the signature of another manifest into this one.
func exchange(into, from []byte) []byte {
	const mark = "<base64EncryptedElementSignature>"
	head, _, _ := bytes.Cut(into, []byte(mark))
	_, tail, _ := bytes.Cut(from, []byte(mark))
	return bytes.Join([][]byte{head, tail}, []byte(mark))
}

// What cannot be written is no success.
func TestAFullDiskIsAnError(t *testing.T) {
	key := collecttest.NewKey(t, "3072")
	s := collecttest.Filled{FormID: "f", InstanceID: "uuid:1", Answers: strings.Repeat("a", 1<<17)}.Encrypt(t, key)
	m, err := fieldform.Parse(s.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("full")
	from := func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(s.Files[0].Content)), nil }
	for _, c := range []closing{{write: full}, {close: full}} {
		err := fieldform.Open(m, privateKey(t, key), from, func(string) (io.WriteCloser, error) { return c, nil })
		if !errors.Is(err, full) {
			t.Errorf("%v", err)
		}
	}
}

type closing struct{ write, close error }

func (c closing) Write(p []byte) (int, error) { return len(p), c.write }
func (c closing) Close() error                { return c.close }
