//go:build linux

package clustertest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/clustertest"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
)

// recording is what is sealed in a part that lies in several pieces, the largest of
// which is of 16 MiB.
const recording = 42 << 20

// inPieces uploads one half of a long part to one node and the other to the next, and
// looks at its pieces from all nodes: ranges over their borders, a player, and readers
// who stand in an early piece and in the last when she takes it back at another node.
func (w *world) inPieces() {
	u := w.begun(recording)
	half := int64(len(u.payload)) / 2
	u.patch(0, 0, half)()
	u.comes(1, half)
	u.rest(1)
	u.added()
	u.bordersFit()

	reader := w.Door(1).Researcher(100)
	u.plays(reader)
	borders := u.borders()
	late := slices.IndexFunc(borders, func(b int64) bool { return b > half }) // in what the second node took
	for _, at := range []int64{borders[0], borders[late]} {
		u.cut(reader, at)
	}
	w.t.Logf("of %d bytes the pieces meet at %v", len(u.payload), borders)
}

// borders are where the pieces of the payload meet.
func (u *upload) borders() (out []int64) {
	u.t.Helper()
	said, err := u.Primary.AskIn(u.t.Context(), clustertest.Database, "SELECT string_agg(from_b::text, ',' ORDER BY from_b) FROM pieces WHERE from_b > 0 AND payload = (SELECT blob FROM parts WHERE testimony = '"+string(u.testimony)+"')")
	u.must(err)
	for text := range strings.SplitSeq(said, ",") {
		n, err := strconv.ParseInt(text, 10, 64)
		u.must(err)
		out = append(out, n)
	}
	if len(out) < 3 {
		u.t.Fatalf("the payload has borders at %v", out)
	}
	return out
}

// bordersFit asks every node for bytes on both sides of each border.
func (u *upload) bordersFit() {
	u.t.Helper()
	whole := append(bytes.Clone(u.header), u.payload...)
	for node := range u.Nodes {
		for _, b := range u.borders() {
			at := b + int64(len(u.header))
			for _, r := range [][2]int64{{at - 100, at + 100}, {at - 1, at}, {at, at + 1}, {at - 1<<20, at + 1<<20}} {
				from, to := r[0], min(r[1], int64(len(whole)))
				if !bytes.Equal(u.ranged(node, from, to), whole[from:to]) {
					u.t.Errorf("node %d gave other bytes from %d to %d", node+1, from, to)
				}
			}
		}
	}
}

// ranged is a range of the part as a node gives it to her.
func (u *upload) ranged(node int, from, to int64) []byte {
	u.t.Helper()
	req := u.her.At(u.Door(node)).Request(http.MethodGet, fmt.Sprintf("/v1/testimonies/%s/parts/1/content", u.testimony), nil)
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to-1))
	resp, err := http.DefaultClient.Do(req)
	u.must(err)
	b, err := io.ReadAll(resp.Body)
	u.must(errors.Join(err, resp.Body.Close()))
	if resp.StatusCode != http.StatusPartialContent {
		u.t.Errorf("node %d answered a range with %s", node+1, resp.Status)
	}
	return b
}

func (u *upload) grant(reader *peopletest.Person) api.ID {
	u.t.Helper()
	g, err := u.her.At(u.Door(0)).Grant(u.t.Context(), client.Offer{Testimony: u.testimony, Parts: []int64{1}, To: reader.Account(),
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.ChathamHouse, Access: statement.Download}})
	u.must(err)
	return g.ID
}

// plays has the reader play at every node around each border, until she takes it back
// at the first node.
func (u *upload) plays(reader *peopletest.Person) {
	u.t.Helper()
	grant := u.grant(reader)
	var players []*client.Player
	for node := range u.Nodes {
		p, err := reader.At(u.Door(node)).Play(u.t.Context(), grant, 1)
		u.must(err)
		players = append(players, p)
		for _, b := range u.borders() {
			at := max(0, min(b, p.Size())-64<<10)
			got := make([]byte, min(128<<10, p.Size()-at))
			if _, err := p.ReadAt(got, at); err != nil || !bytes.Equal(got, u.said[at:at+int64(len(got))]) {
				u.t.Errorf("node %d does not play at %d: %v", node+1, at, err)
			}
		}
	}
	_, err := u.her.At(u.Door(0)).Revoke(u.t.Context(), u.testimony, grant)
	u.must(err)
	for node, p := range players {
		// What the player holds ends before the middle of the first half.
		if n, err := p.ReadAt(make([]byte, 1000), p.Size()/4); n != 0 || !errors.Is(err, client.ErrTakenBack) {
			u.t.Errorf("after it was taken back node %d played %d bytes, %v", node+1, n, err)
		}
		u.must(p.Close())
	}
}

// cut revokes at the first node when the reader has come a little beyond a border at
// the second. Not one byte is sent after that.
func (u *upload) cut(reader *peopletest.Person, border int64) {
	u.t.Helper()
	grant := u.grant(reader)
	s := reader.At(u.Door(1)).Stream(grant)
	s.Take(border + begun)
	fetched, err := u.her.At(u.Door(0)).Revoke(u.t.Context(), u.testimony, grant)
	u.must(err)
	held := s.Held()
	if more := s.Rest(); more > held {
		u.t.Errorf("beyond %d: %d bytes came after the end, where the kernel held %d", border, more, held)
	}
	if len(fetched) != 1 || s.Got >= s.Size || fetched[0].Bytes < s.Got {
		u.t.Errorf("beyond %d: the reader got %d of %d bytes, and she was told %v", border, s.Got, s.Size, fetched)
	}
}
