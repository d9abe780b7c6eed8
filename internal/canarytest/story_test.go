package canarytest_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
)

// story is everything that people do with a vault, with marked content.
type story struct {
	t         *testing.T
	door      *peopletest.Door
	s         *secrets
	her       *peopletest.Person
	reader    *peopletest.Person
	testimony api.ID
	grant     api.ID
}

func (st *story) must(err error) {
	st.t.Helper()
	if err != nil {
		st.t.Fatal(err)
	}
}

// tell seals on the device and on arrival, small and large, grants, opens,
// revokes and locks anew. institution is what everybody may know of the reader.
func tell(t *testing.T, door *peopletest.Door, s *secrets, institution string) *story {
	t.Helper()
	st := &story{t: t, door: door, s: s, her: door.Participant()}
	guard := door.Guard()
	st.seal()
	st.bring(guard) // first: what is refused has the database folded, and the search is to reach every file of it
	st.reader = door.Applicant(institution)
	_, err := guard.Accredit(t.Context(), st.reader.Account(), 30)
	st.must(err)
	st.handOver()
	st.share()
	return st
}

func (st *story) content(name string, b []byte) client.Content {
	c := client.Bytes(name, "", b)
	c.Label = st.s.title
	return c
}

func (st *story) seal() {
	st.t.Helper()
	var err error
	st.testimony, err = st.her.Create(st.t.Context(), client.Testimony{
		Title: st.s.title, Language: "ar", Warnings: []string{st.s.title},
		Parts: []client.Content{st.content(st.s.name, st.s.text), st.content("v-"+st.s.name, st.s.voice)},
	})
	st.must(err)
	_, err = st.her.AddPart(st.t.Context(), st.testimony, st.content(st.s.name, st.s.photo))
	st.must(err)
}

func (st *story) handOver() {
	st.t.Helper()
	for _, b := range [][]byte{st.s.text, st.s.long, st.s.photo, st.s.voice} {
		n, err := st.her.AddOnArrival(st.t.Context(), st.testimony, st.content(st.s.name, b))
		st.must(err)
		st.must(st.her.Adopt(st.t.Context(), st.testimony, n, nil))
	}
}

func (st *story) share() {
	st.t.Helper()
	g, err := st.her.Grant(st.t.Context(), client.Offer{Testimony: st.testimony, Parts: []int64{1, 2, 6, 8}, To: st.reader.Account(),
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.ChathamHouse, Access: statement.Download}})
	st.must(err)
	st.grant = g.ID
	st.open(1, st.s.text)
	st.open(8, st.s.photo)
	_, err = st.her.Relock(st.t.Context(), st.testimony, 2)
	st.must(err)
	st.open(2, st.s.voice)
	_, err = st.her.Revoke(st.t.Context(), st.testimony, st.grant)
	st.must(err)
	_, _, err = st.her.Feed(st.t.Context(), st.testimony)
	st.must(err)
}

// open reads what was granted and wants it back byte for byte: marked content
// that never went through would not be found anywhere either.
func (st *story) open(n int64, want []byte) {
	st.t.Helper()
	var got bytes.Buffer
	_, err := st.reader.Open(st.t.Context(), st.grant, n, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &got, nil }))
	st.must(err)
	if !bytes.Equal(got.Bytes(), want) {
		st.t.Fatalf("part %d came back as %d other bytes", n, got.Len())
	}
}
