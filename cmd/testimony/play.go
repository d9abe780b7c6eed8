package main

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"flag"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/byterange"
)

func playCommand() command {
	return command{
		name: "researcher play", args: "GRANT PART", brief: "watch or listen to a part without saving it",
		about: `Prints an address on this machine at which a browser or player shows the recording,
and fetches only what is looked at: you can seek in a long one over a bad line. It
ends with this program. Nothing is written to a disk by this program, and a browser
is asked to keep nothing; what else it does, nobody can see from here. Whoever can
use this machine as you and learns the address sees the recording, too.

It is an opening like any other. What is shown was sealed to you, piece by piece; that
all of it is what she signed for is known only of what researcher open has saved: do
not quote from here.`,
		make: func() action { return new(play) },
	}
}

type play struct{ connection }

func (a *play) flags(f *flag.FlagSet) { a.connection.flags(f) }

func (a *play) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	g, err := grantID(args[0])
	if err != nil {
		return err
	}
	n, err := partNumber(args[1])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		r, err := c.Granted(ctx, g)
		if err != nil {
			return err
		}
		p.announce(r, []int64{n})
		player, err := c.Play(ctx, g, n)
		if err != nil {
			return err
		}
		defer player.Close()
		if !playable(player.Info.MediaType) {
			return errNotPlayed
		}
		return p.show(ctx, player)
	})
}

var errNotPlayed = mistake{exitUsage, "this program can play recordings and pictures only: use testimony researcher open"}

// playable keeps to what a browser shows and does not run.
func playable(media string) bool {
	kind, _, _ := strings.Cut(media, "/")
	return kind == "video" || kind == "audio" || kind == "image" && !strings.Contains(strings.ToLower(media), "svg")
}

// show serves the recording on a loopback address until the program is stopped.
func (p *program) show(ctx context.Context, player *client.Player) error {
	token := make([]byte, 16)
	if _, err := io.ReadFull(p.rand, token); err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &showing{player: player, host: l.Addr().String(), path: "/" + base64.RawURLEncoding.EncodeToString(token), over: make(chan error, 1)}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	defer server.Close()
	address := "http://" + s.host + s.path
	err = p.tell(map[string]any{"address": address, "media_type": player.Info.MediaType}, func(out *screen) {
		out.sayf("%s\nOpen this address in a browser or player on this machine. Stop this program to end it.\n", address)
		p.promised(player.Received.Terms)
	})
	if err != nil {
		return err
	}
	go func() { s.end(server.Serve(l)) }()
	select {
	case <-ctx.Done():
		return nil // this is how it ends
	case err := <-s.over:
		return err
	}
}

// showing gives one recording at one address that nobody can guess. It answers to no
// other name, so that no page from elsewhere can read it through a name of its own,
// and says that nothing in it may run and nothing be kept.
type showing struct {
	player     *client.Player
	host, path string
	over       chan error
}

// ServeHTTP implements http.Handler.
func (s *showing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	known := subtle.ConstantTimeCompare([]byte(r.URL.Path), []byte(s.path)) == 1
	if !known || r.Host != s.host || r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	h.Set("Content-Type", s.player.Info.MediaType)
	h.Set("Accept-Ranges", "bytes")
	status, part := http.StatusOK, byterange.Stretch{To: s.player.Size(), Size: s.player.Size()}
	if asked, ok := byterange.Parse(r.Header.Get("Range"), s.player.Size()); ok && asked.Empty() {
		w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		return
	} else if ok {
		status, part = http.StatusPartialContent, asked
		h.Set("Content-Range", part.ContentRange())
	}
	h.Set("Content-Length", strconv.FormatInt(part.To-part.From, 10))
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		from := &source{Reader: io.NewSectionReader(s.player, part.From, part.To-part.From)}
		_, _ = io.Copy(w, from) // a player that went away is no matter here
		s.end(from.err)
	}
}

// end ends the showing when nothing comes from the vault any more.
func (s *showing) end(err error) {
	if err == nil {
		return
	}
	select {
	case s.over <- err:
	default: // it is ending already
	}
}

// source tells what failed here from what failed there.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
