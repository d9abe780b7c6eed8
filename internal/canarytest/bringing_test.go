package canarytest_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
)

// bring has a partner's program deliver, sealed and in plaintext, with lines that
// break, and she adopts and refuses. What a tray's code is, is a secret too: whoever
// has it could put something there.
func (st *story) bring(guard *peopletest.Person) {
	st.t.Helper()
	ctx := st.t.Context()
	program, partner := st.program(guard)
	opened, err := st.her.OpenTray(ctx, partner)
	st.must(err)
	st.s.code = opened.Code
	to := client.Place{Recipient: st.her.Recipient(), Code: opened.Code}
	for _, b := range [][]byte{st.s.text, st.s.voice} {
		item, err := program.DeliverPlain(ctx, client.Delivery{To: to, Content: st.content(st.s.name, b)})
		st.must(err)
		var got bytes.Buffer
		_, err = st.her.OpenItem(ctx, item, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &got, nil }))
		st.must(err)
		if !bytes.Equal(got.Bytes(), b) {
			st.t.Fatalf("an item came back as %d other bytes", got.Len())
		}
		_, err = st.her.AdoptItem(ctx, item, st.testimony, nil)
		st.must(err)
	}
	refused, err := program.Deliver(ctx, client.Delivery{To: to, Content: st.content(st.s.name, st.s.photo)})
	st.must(err)
	st.must(st.her.RefuseItem(ctx, refused))
	short := st.content(st.s.name, st.s.long)
	short.Open = func() (io.ReadCloser, error) { return io.NopCloser(breaking(st.s.long[:len(st.s.long)/2])), nil }
	if _, err := program.DeliverPlain(ctx, client.Delivery{To: to, Content: short}); err == nil {
		st.t.Error("a broken body was taken")
	}
}

// program is a partner's, registered by two officers.
func (st *story) program(guard *peopletest.Person) (*client.Client, api.ID) {
	st.t.Helper()
	ctx := st.t.Context()
	partner, err := client.NewID(rand.Reader)
	st.must(err)
	name, err := client.NewID(rand.Reader)
	st.must(err)
	var officers []*peopletest.Person
	var accounts []api.Account
	for range 2 {
		inv, err := guard.Invite(ctx, statement.Partner)
		st.must(err)
		o := st.door.Stranger()
		st.must(o.Enrol(ctx, statement.Partner, inv.Invitation))
		officers, accounts = append(officers, o), append(accounts, o.Account())
	}
	now := time.Now()
	scopes := []api.Scope{statement.ScopeDeliver, statement.ScopeFollow}
	_, err = guard.AgreeWith(ctx, client.Agreement{Partner: partner, Name: "Women for Memory", Officers: accounts, Scopes: scopes, From: now.Unix() - 60, Until: now.Add(240 * time.Hour).Unix()})
	st.must(err)
	key, err := client.NewProgramKey(rand.Reader)
	st.must(err)
	program, err := client.NewProgram(name, key)
	st.must(err)
	for _, o := range officers {
		_, err := o.Register(ctx, client.Registration{Partner: partner, Client: name, JWK: program.JWK(), Scopes: scopes, From: now.Unix() - 60, Until: now.Add(48 * time.Hour).Unix()})
		st.must(err)
	}
	c, err := client.New(client.Config{Server: st.door.Origin, Vault: st.door.Vault, Program: program, HTTP: st.door.HTTP})
	st.must(err)
	return c, partner
}
