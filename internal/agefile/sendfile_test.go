package agefile_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/agefile"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

// socket stands for a connection: it takes what the standard library's would hand to
// sendfile, which is a file behind at most one io.LimitedReader, and counts the rest.
type socket struct {
	bytes.Buffer
	files  int64 // bytes that came straight from a file
	copied int64 // bytes that went through the program's memory
}

func (s *socket) Write(p []byte) (int, error) {
	s.copied += int64(len(p))
	return s.Buffer.Write(p)
}

// ReadFrom implements io.ReaderFrom as *net.TCPConn does.
func (s *socket) ReadFrom(r io.Reader) (int64, error) {
	n, err := s.Buffer.ReadFrom(r)
	inner := r
	if l, ok := r.(*io.LimitedReader); ok {
		inner = l.R
	}
	if _, ok := inner.(syscall.Conn); ok {
		s.files += n
	} else {
		s.copied += n
	}
	return n, err
}

// A payload of many pieces goes to the socket file by file: of all that is sent only
// the header is copied by the program.
func TestEachPieceIsSentByTheKernel(t *testing.T) {
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite, migrations.Files))
	blobs, err := fsblob.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	all := &payload.Payloads{DB: db, Blobs: blobs, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	content, header := make([]byte, 1_000_000), []byte("header\n")
	rand.Read(content) // never fails
	name, at := newID(t), 0
	for _, n := range []int{300_000, 1, 262_144, 437_855} {
		object := newID(t)
		err := blobs.Put(t.Context(), object, int64(n), bytes.NewReader(content[at:at+n]))
		if err == nil {
			err = db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				return payload.Append(ctx, tx, name, payload.Piece{From: int64(at), Length: int64(n), Blob: object})
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		at += n
	}
	stored, err := all.Open(t.Context(), name, int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	f := agefile.Stored(header, stored, make([]byte, 32))
	defer f.Close()
	var out socket
	n, err := f.WriteRange(&out, 0, f.Size(), func() error { return nil })
	if err != nil || n != f.Size() || !bytes.Equal(out.Bytes(), append(header, content...)) {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if out.copied != int64(len(header)) || out.files != int64(len(content)) {
		t.Errorf("%d bytes were copied, %d came from files", out.copied, out.files)
	}
}

func newID(t *testing.T) id.ID {
	t.Helper()
	i, err := id.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
