// Command yardstick is what the vault's server is measured against: servers a
// person would write in an afternoon, without sign-in, consent or custody.
//
//	POST /plain/NAME   the body to a file, flushed
//	POST /naive/NAME   the body sealed by the age library to a file, flushed, all
//	                   in one goroutine
//	POST /small        the body to a row of its own, committed
//	DELETE /…/NAME     removes the file
//
// It prints its address and ends when its input does. Usage:
//
//	yardstick DIR RECIPIENT
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/store"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: yardstick DIR RECIPIENT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "yardstick:", err)
		os.Exit(1)
	}
}

func run(dir, recipient string) (err error) {
	to, err := age.ParseHybridRecipient(recipient)
	if err != nil {
		return err
	}
	rows, err := yard.OpenBare(context.Background(), store.Config{Engine: store.SQLite, Path: filepath.Join(dir, "rows.db")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	s := &server{dir, to, rows}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /plain/{name}", answer(s.plain))
	mux.HandleFunc("POST /naive/{name}", answer(s.naive))
	mux.HandleFunc("POST /small", answer(s.small))
	mux.HandleFunc("DELETE /{way}/{name}", answer(s.remove))
	return serve(mux)
}

// serve ends when nobody holds the other end of the input any more.
func serve(h http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = srv.Close()
	}()
	fmt.Println(l.Addr())
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

type server struct {
	dir  string
	to   age.Recipient
	rows *yard.Bare
}

func answer(do func(r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, err.Error())
			return
		}
		_, _ = io.WriteString(w, "stored\n")
	}
}

func (s *server) path(r *http.Request) string {
	return filepath.Join(s.dir, filepath.Base(r.PathValue("name")))
}

func (s *server) plain(r *http.Request) error {
	return durable(s.path(r), func(f *os.File) error {
		_, err := io.Copy(f, r.Body)
		return err
	})
}

func (s *server) naive(r *http.Request) error {
	return durable(s.path(r), func(f *os.File) error {
		w, err := age.Encrypt(f, s.to)
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, r.Body); err != nil {
			return err
		}
		return w.Close()
	})
}

func durable(path string, write func(*os.File) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

func (s *server) small(r *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return err
	}
	return s.rows.Commit(r.Context(), body)
}

func (s *server) remove(r *http.Request) error { return os.Remove(s.path(r)) }
