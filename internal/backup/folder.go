package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/id"
)

// Folder is a folder of backups.
type Folder struct {
	Dir  string
	Keys []ed25519.PublicKey // that may have signed; the newest first
	Now  func() time.Time
}

// Kept is one backup in a folder.
type Kept struct {
	Name     string
	Manifest Manifest // zero where Err is not nil
	Finished bool
	Bytes    int64 // of its own files, without the shared copies of payloads
	Err      error // why it cannot be used
}

// List tells all backups, the oldest first. One that cannot be used is told with the
// reason.
func (f Folder) List() ([]Kept, error) {
	entries, err := os.ReadDir(f.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list backups: %w", err)
	}
	var out []Kept
	for _, e := range entries {
		if e.IsDir() && nameForm.MatchString(e.Name()) {
			out = append(out, f.look(e.Name()))
		}
	}
	return out, nil
}

func (f Folder) look(name string) Kept {
	k := Kept{Name: name, Finished: true}
	k.Manifest, k.Err = f.manifest(name, manifestName)
	if errors.Is(k.Err, fs.ErrNotExist) {
		k.Finished = false
		k.Manifest, k.Err = f.manifest(name, unfinishedName)
	}
	for _, file := range k.Manifest.Files {
		k.Bytes += file.Size
	}
	return k
}

// manifest reads a manifest, which must be its own folder's: one that was moved here
// from another backup is not.
func (f Folder) manifest(name, file string) (Manifest, error) {
	b, err := readSmall(filepath.Join(f.Dir, name, file), maxManifest)
	if err != nil {
		return Manifest{}, err
	}
	m, err := ParseManifest(b, f.Keys)
	if err == nil && m.Name != name {
		err = fmt.Errorf("%w: it lies in another folder than it was made in", ErrAltered)
	}
	return m, err
}

func readSmall(path string, most int64) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(in, most+1)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (f Folder) pool(m Manifest, key id.ID) string {
	return filepath.Join(f.Dir, m.Pool, string(key)[:2], string(key)+".age")
}

// sealed is a file of ours in the making: what is written to it is sealed to the
// recipients, and only the sealed bytes reach the disk.
type sealed struct {
	path string
	file *os.File
	out  *bufio.Writer
	sum  hash.Hash
	size int64
	seal io.WriteCloser
}

const partSuffix = ".part"

func seal(path string, to []age.Recipient) (*sealed, error) {
	file, err := os.OpenFile(path+partSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	s := &sealed{path: path, file: file, sum: sha256.New()}
	s.out = bufio.NewWriterSize(counting{s}, 256<<10)
	if s.seal, err = age.Encrypt(s.out, to...); err != nil {
		return nil, errors.Join(err, s.drop())
	}
	return s, nil
}

// counting hashes and counts what goes to the disk.
type counting struct{ s *sealed }

func (c counting) Write(b []byte) (int, error) {
	c.s.sum.Write(b)
	c.s.size += int64(len(b))
	return c.s.file.Write(b)
}

func (s *sealed) Write(b []byte) (int, error) { return s.seal.Write(b) }

// finish gives the file its name once all of it is on the disk.
func (s *sealed) finish() (size int64, sum [sha256.Size]byte, err error) {
	err = errors.Join(s.seal.Close(), s.out.Flush(), s.file.Sync())
	if err != nil {
		return 0, sum, errors.Join(err, s.drop())
	}
	if err := s.file.Close(); err != nil {
		return 0, sum, err
	}
	// A crash before this leaves a file that nobody takes for one.
	return s.size, [sha256.Size]byte(s.sum.Sum(nil)), os.Rename(s.path+partSuffix, s.path)
}

func (s *sealed) drop() error {
	return errors.Join(s.file.Close(), os.Remove(s.path+partSuffix))
}

// writeWhole makes a small file whole or not at all.
func writeWhole(path string, b []byte) error {
	file, err := os.OpenFile(path+partSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return errors.Join(os.Rename(path+partSuffix, path), syncDir(filepath.Dir(path)))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// digest reads a file and makes sure that it is the one that was written.
func digest(ctx context.Context, path string, size int64, want []byte) error {
	in, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing: %w", filepath.Base(path), ErrAltered)
	}
	if err != nil {
		return err
	}
	defer in.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(reading{ctx, in}, size+1))
	if err != nil {
		return err
	}
	if n != size || !bytes.Equal(sum.Sum(nil), want) {
		return fmt.Errorf("%s: %w", filepath.Base(path), ErrAltered)
	}
	return nil
}

// reading ends when its context does.
type reading struct {
	ctx context.Context
	in  io.Reader
}

func (r reading) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(b)
}

// objects reads the list of a backup's payloads, in the order of their keys.
func (f Folder) objects(m Manifest, name string) ([]Object, error) {
	file, ok := m.file(name)
	if !ok {
		return nil, ErrManifest
	}
	path := filepath.Join(f.Dir, m.Name, name)
	if err := digest(context.Background(), path, file.Size, file.SHA256); err != nil {
		return nil, err
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return readObjects(in)
}

// readObjects reads a list in its one form: sorted, and each key once.
func readObjects(in io.Reader) ([]Object, error) {
	var out []Object
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 4<<10)
	for lines.Scan() {
		o, ok := parseObject(lines.Text() + "\n")
		if !ok || len(out) > 0 && out[len(out)-1].Key >= o.Key {
			return nil, fmt.Errorf("list of payloads, line %d: %w", len(out)+1, ErrAltered)
		}
		out = append(out, o)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("list of payloads: %w", err)
	}
	return out, nil
}

// newest is the finished backup that was taken last.
func (f Folder) newest() (Kept, error) {
	list, err := f.List()
	if err != nil {
		return Kept{}, err
	}
	slices.Reverse(list)
	for _, k := range list {
		if k.Finished && k.Err == nil {
			return k, nil
		}
	}
	return Kept{}, fmt.Errorf("there is no finished backup of this vault in %s", f.Dir)
}
