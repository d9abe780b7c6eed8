package uploadtest_test

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/crashtest"
)

// What kill -9 may cost, from the sizes in internal/testimony and internal/inflow: a
// piece is a MiB at first and twice as large each time, up to 16; of those the vault
// fills one while it makes the one before durable; and it reads so much ahead.
const (
	kills     = 20
	largest   = 16 << 20
	readAhead = 1 << 20
)

// atRisk is how many bytes of a request that brought so many a kill may cost: the
// piece that is filled, and the one before it.
func atRisk(brought int64) int64 {
	from, before, size := int64(0), int64(0), int64(1<<20)
	for from+size <= brought-readAhead {
		before, from, size = from, from+size, min(2*size, largest)
	}
	return brought - before
}

// The server is killed twenty times in one upload. It ends with the digest that she
// signs; of what had been sent, what was still in the two buffers is sent again; and
// no object is left that no row names.
func TestTheServerIsKilledTwentyTimes(t *testing.T) {
	d, door := daemon(t)
	random, bound, size := rand.New(rand.NewPCG(3, 5)), int64(0), int64(0)
	line := &countingLine{t: t, daemon: d}
	for range kills {
		n := 2<<20 + random.Int64N(4<<20)
		line.cuts, bound, size = append(line.cuts, n), bound+atRisk(n)+overhead, size+n
	}
	// What is kept is less than what was carried, so every cut comes.
	u := begun(t, door, int(size))
	u.bring(line.client())
	again := line.carried - int64(len(u.payload))
	t.Logf("%d bytes, %d sent again, at most %d may be", size, again, bound)
	if len(line.cuts) > 0 || again > bound || again > kills*2*largest {
		t.Errorf("%d kills are left, %d bytes were sent again, at most %d may be", len(line.cuts), again, bound)
	}
	u.add()
	u.opensWithStockTools()
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := crashtest.Sweep(t.Context(), d.Dir()); err != nil {
		t.Error(err)
	}
}

// bring sends the payload, from where the vault is each time the line breaks.
func (u *upload) bring(over *http.Client) {
	u.t.Helper()
	for range kills + 1 {
		at := u.offset()
		resp, err := over.Do(u.tus(http.MethodPatch, bytes.NewReader(u.payload[at:]), api.HeaderUploadOffset, strconv.Itoa(at)))
		if err != nil {
			continue
		}
		u.must(resp.Body.Close())
		if resp.StatusCode == http.StatusNoContent {
			return
		}
		u.t.Fatalf("from %d: %s", at, resp.Status)
	}
	u.t.Fatal("the line broke more often than the vault was killed")
}
