package suite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/wire"
	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/store"
)

// large is one person with one connection and large things to say.
type large struct {
	*stage
	person *crowd.Person
	conn   *wire.Conn
}

// large makes a stage for large parts. Their payloads lie in files on either
// engine, so SQLite stands for both.
func (b *bench) large(ctx context.Context, engine store.Engine, set ...string) (*large, error) {
	s, err := b.stage(ctx, engine, set...)
	if err != nil {
		return nil, err
	}
	l, err := s.sender(ctx)
	if err != nil {
		return nil, errors.Join(err, s.end(ctx))
	}
	return l, nil
}

// sender enrols one person, who connects when she has something to say.
func (s *stage) sender(ctx context.Context) (*large, error) {
	persons, err := crowd.Enrol(ctx, s.people, s.Addr(), 1)
	if err != nil {
		return nil, err
	}
	return &large{stage: s, person: persons[0]}, nil
}

// dial makes a new connection in place of the old one, which the server may have
// given up.
func (l *large) dial() error {
	old := l.conn
	var err error
	if l.conn, err = wire.Dial(l.Addr()); err != nil || old == nil {
		return err
	}
	return old.Close()
}

func (l *large) end(ctx context.Context) error {
	var err error
	if l.conn != nil {
		err = l.conn.Close()
	}
	return errors.Join(err, l.stage.end(ctx))
}

// testimony makes an empty testimony.
func (l *large) testimony(ctx context.Context) (*crowd.Testimony, error) {
	if err := errors.Join(l.person.Renew(ctx), l.dial()); err != nil {
		return nil, err
	}
	t, r, err := l.person.Empty()
	if err != nil {
		return nil, err
	}
	_, err = send(l.conn, r)
	return t, err
}

// erase destroys a testimony and with it what it takes up.
func (l *large) erase(t *crowd.Testimony) error {
	r, err := t.Erase()
	if err != nil {
		return err
	}
	_, err = send(l.conn, r)
	return err
}

// arrive hands a file over to be sealed on arrival and tells what it took.
func (l *large) arrive(ctx context.Context, path string, n int64) (effort, error) {
	t, err := l.testimony(ctx)
	if err != nil {
		return effort{}, err
	}
	head, err := t.Arrive(1, n)
	if err != nil {
		return effort{}, err
	}
	l.settle()
	e, err := spend(l.PID(), n, func() error {
		_, err := sendFile(l.conn, head, path, n)
		return err
	})
	if err != nil {
		return effort{}, fmt.Errorf("seal on arrival: %w", err)
	}
	return e, l.erase(t)
}

// parcel is a part that was sealed to a file beforehand.
type parcel struct {
	crowd.Sealed
	path   string
	length int64
}

// parcel seals the file plain for the person.
func (l *large) parcel(plain, to string, n int64) (p parcel, err error) {
	if p.Sealed, err = l.person.NewKey(); err != nil {
		return p, err
	}
	in, err := os.Open(plain)
	if err != nil {
		return p, err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return p, errors.Join(err, in.Close())
	}
	info := envelope.PartInfo{MediaType: "application/octet-stream", Kind: envelope.Original, Name: "recording"}
	container, err := envelope.Contain(info, in, n)
	var sealed envelope.Sealed
	if err == nil {
		sealed, err = envelope.Seal(out, container, p.Key, p.Nonce, runtime.NumCPU())
	}
	p.Bind(sealed.SHA256, sealed.Size)
	p.path, p.length = to, sealed.Size
	return p, errors.Join(err, in.Close(), out.Sync(), out.Close())
}

// put uploads a parcel as part 1 of t and tells what the payload and her word for
// it took, from the first byte sent to the last answer.
func (l *large) put(t *crowd.Testimony, p parcel) (effort, error) {
	return l.putBy(t, p, func(up *crowd.Upload) (func() error, error) {
		head, err := up.Fill(p.length)
		return func() error {
			_, err := sendFile(l.conn, head, p.path, p.length)
			return err
		}, err
	})
}

// putBy is put in another way: prepare makes what sends the payload.
func (l *large) putBy(t *crowd.Testimony, p parcel, prepare func(*crowd.Upload) (func() error, error)) (effort, error) {
	up, r, err := t.Begin(1, p.Sealed, p.length)
	if err != nil {
		return effort{}, err
	}
	if _, err := send(l.conn, r); err != nil {
		return effort{}, fmt.Errorf("begin: %w", err)
	}
	fill, err := prepare(up)
	if err != nil {
		return effort{}, err
	}
	add, err := up.Add()
	if err != nil {
		return effort{}, err
	}
	l.settle()
	return spend(l.PID(), p.length, func() error {
		if err := fill(); err != nil {
			return fmt.Errorf("payload: %w", err)
		}
		if _, err := send(l.conn, add); err != nil {
			return fmt.Errorf("add: %w", err)
		}
		return nil
	})
}

// putNoise is put for a payload that is made up while it is sent; the vault
// cannot tell the difference, and no file of that size is needed.
func (l *large) putNoise(t *crowd.Testimony, plain int64) (crowd.Sealed, error) {
	key, err := l.person.NewKey()
	if err != nil {
		return crowd.Sealed{}, err
	}
	length := envelope.PayloadSize(plain)
	up, r, err := t.Begin(1, key, length)
	if err != nil {
		return crowd.Sealed{}, err
	}
	if _, err := send(l.conn, r); err != nil {
		return crowd.Sealed{}, fmt.Errorf("begin: %w", err)
	}
	head, err := up.Fill(length)
	if err != nil {
		return crowd.Sealed{}, err
	}
	hash := sha256.New()
	body := io.MultiReader(bytes.NewReader(key.Nonce[:]), noise(length-int64(len(key.Nonce))))
	a, err := l.conn.Upload(head, io.TeeReader(body, hash), length)
	if err = errors.Join(err, a.OK()); err != nil {
		return crowd.Sealed{}, fmt.Errorf("payload: %w", err)
	}
	up.Bind([sha256.Size]byte(hash.Sum(nil)), length)
	add, err := up.Add()
	if err != nil {
		return crowd.Sealed{}, err
	}
	_, err = send(l.conn, add)
	return up.Sealed, err
}

// plainly uploads a file to the yardstick's server and removes it there.
func (b *bench) plainly(y *yard.Server, way, path string, n int64) (effort, error) {
	c, err := wire.Dial(y.Addr)
	if err != nil {
		return effort{}, err
	}
	defer c.Close()
	b.settle()
	e, err := spend(y.PID(), n, func() error {
		_, err := sendFile(c, wire.Head("POST", y.Addr, "/"+way+"/upload", n), path, n)
		return err
	})
	if err != nil {
		return effort{}, fmt.Errorf("%s upload: %w", way, err)
	}
	_, err = send(c, plainRequest(wire.Head("DELETE", y.Addr, "/"+way+"/upload", -1)))
	return e, err
}
