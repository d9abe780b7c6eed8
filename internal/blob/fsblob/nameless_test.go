package fsblob_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/id"
)

// What goes wrong with an object's file is logged, so no error names the object.
func TestNoErrorNamesAnObject(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	s, err := fsblob.Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	key, err := id.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	put := func() error { return s.Put(ctx, key, 3, bytes.NewReader([]byte("abc"))) }
	if err := put(); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "objects", string(key)[:2])
	if err := errors.Join(o.Close(), os.RemoveAll(folder), os.WriteFile(folder, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	_, read := o.Read(make([]byte, 3))
	_, readAt := o.ReadAt(make([]byte, 3), 0)
	_, open := s.Open(ctx, key)
	_, some := s.PutSome(ctx, key, 3, strings.NewReader("abc"))
	for what, err := range map[string]error{"read": read, "read at": readAt, "open": open, "put": put(), "put some": some, "delete": s.Delete(ctx, key)} {
		if err == nil || errors.Is(err, io.EOF) || strings.Contains(err.Error(), string(key)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if !errors.Is(open, syscall.ENOTDIR) {
		t.Errorf("the cause is lost: %v", open)
	}
}
