package uploadtest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// dial sends the head of a PATCH of the rest by hand, and gives the line.
func (u *upload) dial(from int) net.Conn {
	u.t.Helper()
	req := u.tus(http.MethodPatch, nil, api.HeaderUploadOffset, strconv.Itoa(from))
	line, err := net.Dial("tcp", req.URL.Host)
	u.must(err)
	head := fmt.Sprintf("PATCH %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", req.URL.Path, req.URL.Host, len(u.payload)-from)
	for name, values := range req.Header {
		head += name + ": " + values[0] + "\r\n"
	}
	_, err = io.WriteString(line, head+"\r\n")
	u.must(err)
	return line
}

// The line drops at a hundred random bytes of one upload. Everything the kernel had
// taken is kept, nothing is sent twice, and what arrives is what was sealed.
func TestTheLineDropsAHundredTimes(t *testing.T) {
	each(t, 4<<20, func(_ *vaulttest.Vault, u *upload) {
		random := rand.New(rand.NewPCG(7, 11))
		at := 0
		for drop := range 100 {
			line := u.dial(at)
			n := min(len(u.payload)-at-1, 1+random.IntN(len(u.payload)/60))
			_, err := line.Write(u.payload[at : at+n])
			u.must(err)
			// An orderly end of the line: what was sent arrives, and then no more.
			u.must(line.(*net.TCPConn).CloseWrite())
			_, _ = io.Copy(io.Discard, line) // until the vault has ended it, too
			u.must(line.Close())
			if got := u.offset(); got != at+n {
				t.Fatalf("drop %d: %d bytes are kept of %d", drop, got, at+n)
			}
			at += n
		}
		if a := u.patch(at, len(u.payload)); a.StatusCode != http.StatusNoContent {
			t.Fatalf("the rest: %d %s", a.StatusCode, a.body)
		}
		u.add()
	})
}

// A phone that comes back while its old connection hangs half open is answered at
// once, at any node, and everything that had come over the old one is kept.
func TestAHalfOpenLineIsPassed(t *testing.T) {
	each(t, 4<<20, func(v *vaulttest.Vault, u *upload) {
		u.t.Parallel() // it waits for checkpoints most of the time
		nodes := []string{v.URL}
		if v.Config.Store.Engine == "postgres" {
			nodes = append(nodes, v.Node().URL)
		}
		at := 0
		for i := range 2 {
			old := u.dial(at)
			defer old.Close()
			_, err := old.Write(u.payload[at : at+500_000])
			u.must(err)
			u.awaitKept(at)
			back := u.at(nodes[i%len(nodes)])
			got := back.offset()
			if got <= at || got > at+500_000 {
				t.Fatalf("%d bytes are kept of %d", got, at+500_000)
			}
			// The old connection was ended for it.
			resp, err := http.ReadResponse(bufio.NewReader(old), nil)
			if err != nil || resp.StatusCode != http.StatusLocked {
				t.Errorf("over the old line came %v, %v", resp, err)
			}
			at = got
		}
		if a := u.patch(at, len(u.payload)); a.StatusCode != http.StatusNoContent {
			t.Fatalf("the rest: %d %s", a.StatusCode, a.body)
		}
		u.add()
	})
}

// at is the same upload seen from another node.
func (u *upload) at(origin string) *upload {
	u.t.Helper()
	door := *u.door
	door.Origin = origin
	back := *u
	back.door, back.her = &door, u.her.At(&door)
	return &back
}

// awaitKept waits until something behind at is kept, without disturbing who sends it.
func (u *upload) awaitKept(at int) {
	u.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		var now api.Testimony
		u.must(json.Unmarshal(u.ask(u.her.Request(http.MethodGet, "/v1/testimonies/"+string(u.tid), nil)).body, &now))
		if len(now.Uploads) == 1 && now.Uploads[0].Received > int64(at) {
			return
		}
		<-tick.C
	}
	u.t.Fatal("nothing of what is sent is kept")
}

// Nodes take turns at one upload: any of them takes the next bytes.
func TestAnyNodeTakesTheNextBytes(t *testing.T) {
	v := vaulttest.New(t, vaulttest.On("postgres"))
	u := begun(t, doorOf(v), 4<<20)
	doors := []*upload{u, u.at(v.Node().URL)}
	random := rand.New(rand.NewPCG(1, 2))
	at := 0
	for i := 0; at < len(u.payload); i++ {
		to := min(len(u.payload), at+1+random.IntN(600_000))
		if a := doors[i%2].patch(at, to); a.StatusCode != http.StatusNoContent || a.Header.Get(api.HeaderUploadOffset) != strconv.Itoa(to) {
			t.Fatalf("%d to %d: %d %s", at, to, a.StatusCode, a.body)
		}
		if got := doors[(i+1)%2].offset(); got != to {
			t.Fatalf("the other node has %d bytes of %d", got, to)
		}
		at = to
	}
	u.add()
}

// Two clients that race on one upload do not mix: whoever is refused asks, and
// together they bring it to its end.
func TestTwoClientsRaceOnOneUpload(t *testing.T) {
	each(t, 2<<20, func(_ *vaulttest.Vault, u *upload) {
		done := make(chan error, 2)
		for range 2 {
			go func() {
				err := errors.New("it gave up")
				defer func() { done <- err }()
				err = u.race()
			}()
		}
		for range 2 {
			u.must(<-done)
		}
		u.add()
	})
}

// race sends pieces until everything is there, whoever sent it.
func (u *upload) race() error {
	for range 1000 {
		at := u.offset()
		if at == len(u.payload) {
			return nil
		}
		to := min(len(u.payload), at+200_000)
		switch a := u.ask(u.tus(http.MethodPatch, bytes.NewReader(u.payload[at:to]), api.HeaderUploadOffset, strconv.Itoa(at))); a.StatusCode {
		case http.StatusNoContent, http.StatusConflict, http.StatusLocked:
		default:
			return fmt.Errorf("from %d: %d %s", at, a.StatusCode, a.body)
		}
	}
	return fmt.Errorf("it has no end")
}
