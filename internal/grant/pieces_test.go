package grant_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// scattered is a part whose payload lies in several objects, as broken lines leave
// it, and a grant of it.
type scattered struct {
	*testimonytest.World
	tid, grant id.ID
	sealed     testimonytest.Sealed
	pieces     []payload.Piece
}

// scatter stores a large part and puts its payload into pieces of these lengths, and
// one of the rest.
func scatter(t *testing.T, db *store.DB, size int, lengths ...int64) *scattered {
	t.Helper()
	w := testimonytest.New(t, db)
	s := &scattered{World: w, tid: w.Create(w.Her)}
	s.sealed = w.Add(w.Her, s.tid, 1, bytes.Repeat([]byte("large "), size/6))
	s.grant = w.Grant(s.tid, sealedParts{1: s.sealed})
	whole, at := s.sealed.Payload, int64(0)
	for _, n := range append(lengths, int64(len(whole))) {
		if n = min(n, int64(len(whole))-at); n == 0 {
			break
		}
		object := w.ID()
		if err := w.Blobs.Put(t.Context(), object, n, bytes.NewReader(whole[at:at+n])); err != nil {
			t.Fatal(err)
		}
		s.pieces = append(s.pieces, payload.Piece{From: at, Length: n, Blob: object, Digest: []byte{1}})
		at += n
	}
	err := db.Update(t.Context(), s.rename)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rename puts the pieces in the place of the one that there was.
func (s *scattered) rename(ctx context.Context, tx store.Tx) error {
	var name string
	if err := tx.QueryRowContext(ctx, "SELECT payload FROM pieces").Scan(&name); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM pieces"); err != nil {
		return err
	}
	for _, p := range s.pieces {
		if err := payload.Append(ctx, tx, id.ID(name), p); err != nil {
			return err
		}
	}
	return nil
}

// give sends the bytes from to to, counted over header and payload.
func (s *scattered) give(from, to int64, w io.Writer) error {
	o, err := s.Grants.Open(s.T.Context(), s.Reader.Caller, s.grant, 1, func(int64, string, bool) (int64, int64, error) { return from, to, nil })
	if err != nil {
		return err
	}
	line, _ := testimonytest.Line()
	return o.Send(s.T.Context(), w, line)
}

// A range that spans pieces is the bytes that were sealed, and all of them are one
// opening.
func TestRangesSpanPieces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := scatter(t, db, 1<<20, 300_000, 1, 262_144, 99_999)
		var out bytes.Buffer
		if err := s.give(0, int64(len(s.sealed.Payload)), &out); err != nil { // the header is not known here: all but its length
			t.Fatal(err)
		}
		header := int64(bytes.Index(out.Bytes(), s.sealed.Payload[:64]))
		if header <= 0 || !bytes.Equal(out.Bytes()[header:], s.sealed.Payload[:int64(len(s.sealed.Payload))-header]) {
			t.Fatalf("the payload begins at %d, or is another", header)
		}
		for _, p := range s.pieces {
			for _, from := range []int64{p.From - 1, p.From, p.End() - 1, p.End() - 5000} {
				to := min(from+400_000, int64(len(s.sealed.Payload)))
				out.Reset()
				if from < 0 {
					continue
				}
				if err := s.give(header+from, header+to, &out); err != nil || !bytes.Equal(out.Bytes(), s.sealed.Payload[from:to]) {
					t.Errorf("%d to %d: %d bytes, %v", from, to, out.Len(), err)
				}
			}
		}
		fetched, err := s.Grants.Fetched(t.Context(), s.Her.Caller, s.tid, s.grant)
		if err != nil || len(fetched) != 1 || !fetched[0].Complete {
			t.Errorf("%+v, %v", fetched, err)
		}
	})
}

// A piece that is gone or cut short in the middle ends the answer before it: what had
// left is what was sealed, and it is said that the store is damaged.
func TestADamagedPieceEndsTheAnswerShort(t *testing.T) {
	for name, harm := range map[string]func(s *scattered, p payload.Piece) error{
		"gone": func(*scattered, payload.Piece) error { return nil },
		"short": func(s *scattered, p payload.Piece) error {
			return s.Blobs.Put(s.T.Context(), p.Blob, p.Length-1, bytes.NewReader(make([]byte, p.Length-1)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				s := scatter(t, db, 1<<20, 400_000, 300_000)
				if err := errors.Join(s.Blobs.Delete(t.Context(), s.pieces[1].Blob), harm(s, s.pieces[1])); err != nil {
					t.Fatal(err)
				}
				var out bytes.Buffer
				err := s.give(0, int64(len(s.sealed.Payload)), &out)
				if !errors.Is(err, blob.ErrDamaged) {
					t.Errorf("it ended with %v", err)
				}
				at := bytes.Index(out.Bytes(), s.sealed.Payload[:64])
				if at <= 0 || out.Len()-at != 400_000 || !bytes.HasPrefix(s.sealed.Payload, out.Bytes()[at:]) {
					t.Errorf("%d bytes left, %d of them header", out.Len(), at)
				}
			})
		})
	}
}

// Revoking at one node cuts what another one sends out of the second of many pieces,
// and no byte follows the answer.
func TestRevokingCutsBetweenPieces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		lengths := make([]int64, 30)
		for i := range lengths {
			lengths[i] = 1 << 20
		}
		s := scatter(t, db, 24<<20, lengths...)
		elsewhere := node(s.World, db)
		near, far := tcpPair(t)
		o, err := elsewhere.Open(t.Context(), s.Reader.Caller, s.grant, 1, testimonytest.Whole)
		if err != nil {
			t.Fatal(err)
		}
		var sent error
		var wait sync.WaitGroup
		wait.Go(func() { sent = o.Send(t.Context(), near, grant.OnTCP(near, func() error { return nil })) })
		const begun = 3 << 19 // in the second piece
		if _, err := io.CopyN(io.Discard, far, begun); err != nil {
			t.Fatal(err)
		}
		s.Revoke(s.tid, s.grant)
		fetched, err := s.Grants.Fetched(t.Context(), s.Her.Caller, s.tid, s.grant)
		if err != nil || len(fetched) != 1 || fetched[0].Complete {
			t.Errorf("%+v, %v", fetched, err)
		}
		wait.Wait()
		if rest, err := io.Copy(io.Discard, far); err == nil || rest+begun > fetched[0].Bytes {
			t.Errorf("%d bytes arrived, %d were told; the connection ended with %v", rest+begun, fetched[0].Bytes, err)
		}
		if !errors.Is(sent, grant.ErrCut) {
			t.Errorf("the stream ended with %v, want ErrCut", sent)
		}
	})
}
