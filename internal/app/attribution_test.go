package app_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// attribute switches modes, and exports what the terms let go and what they keep.
func (w *witness) attribute(p people, tid api.ID) {
	ctx := w.t.Context()
	w.must(p.her.Lift(ctx, "")) // what was told before ended with a pause
	w.must(p.her.KeepAsEvidence(ctx, tid, "ar", func(client.Warning) error { return nil }))
	w.must(p.her.OnlyListen(ctx, tid))
	for attribution, status := range map[statement.Attribution]int{statement.ChathamHouse: 200, statement.OffTheRecord: 403} {
		g, err := p.her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1}, To: p.reader.Account(), Terms: api.Terms{Access: statement.Download, Attribution: attribution}})
		w.must(err)
		path := "/v1/inbox/" + string(g.ID) + "/parts/1/export"
		w.raw(p.reader, status, "GET", path, "", "Accept-Language", "uk")
		w.raw(w.client(w.v.Keys()), 404, "GET", path, "")
		if status == 200 {
			w.raw(p.reader, 206, "GET", path, "", "Range", "bytes=0-99")
			w.raw(p.reader, 416, "GET", path, "", "Range", "bytes=99999999-")
		}
		_, err = p.her.Revoke(ctx, tid, g.ID)
		w.must(err)
		w.raw(p.reader, 404, "GET", path, "")
	}
}

// exports tells of a redacted copy that leaves by the Chatham House rule: she sees
// that it left, the original stays, and narrower terms end it.
func exports(t *testing.T, _ *vaulttest.Vault, her, reader *client.Client) {
	ctx := t.Context()
	whole := client.Bytes("whole.txt", "", []byte(told+" سلمى"))
	whole.Info.People = []api.Person{{Role: envelope.Speaker, FirstName: "سلمى"}}
	short := client.Bytes("short.txt", "", []byte(told))
	short.Info.People, short.Info.Kind, short.Info.DerivedFrom = whole.Info.People, envelope.Redacted, 1
	tid := tells(t, her, whole, short)
	g, err := her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{2}, To: reader.Account(), Terms: api.Terms{Access: statement.Download, Attribution: statement.ChathamHouse}})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "export")
	if _, err := reader.Export(ctx, g.ID, 2, dir, nil); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, client.ContentFile))
	if err != nil || !bytes.Equal(content, []byte(told)) {
		t.Errorf("%d bytes, %v", len(content), err)
	}
	if _, err := reader.Export(ctx, g.ID, 1, dir+"-1", nil); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the original: %v", err)
	}
	if _, err := her.Narrow(ctx, tid, g.ID, func(t api.Terms) (api.Terms, error) { t.Attribution = statement.OffTheRecord; return t, nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Export(ctx, g.ID, 2, dir+"-2", nil); !errors.Is(err, client.ErrNoExport) {
		t.Errorf("after narrowing: %v", err)
	}
	opens(t, reader, g.ID, 2, []byte(told))
	events, _, err := her.Feed(ctx, tid)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, e := range events {
		if e.Kind == api.EventOpened {
			seen = append(seen, e.Detail)
		}
	}
	if strings.Join(seen, ",") != "export," {
		t.Errorf("she sees %q", seen)
	}
}

// An attempt to export what the terms keep stands in her feed like every other
// attempt that was refused, and opened nothing.
func TestSheSeesARefusedExport(t *testing.T) {
	w := newWitness(t)
	p, keys := w.people(), w.v.Keys()
	her := w.client(keys)
	w.must(her.Enrol(t.Context(), statement.Participant, ""))
	tid := tells(t, her, client.Bytes("a.txt", "", []byte(told)))
	g, err := her.Grant(t.Context(), client.Offer{Testimony: tid, Parts: []int64{1}, To: p.reader.Account(),
		Terms: api.Terms{Access: statement.Download, Attribution: statement.OffTheRecord}})
	w.must(err)
	w.raw(p.reader, 403, "GET", "/v1/inbox/"+string(g.ID)+"/parts/1/export", "")
	w.v.Stop()
	w.v.Start()
	events, denied, err := w.client(keys).Feed(t.Context(), tid)
	w.must(err)
	if len(denied) != 1 || denied[0].Actor != string(p.reader.Account()) || denied[0].N != 1 || !strings.HasSuffix(denied[0].Detail, "/export") {
		t.Errorf("refused: %+v", denied)
	}
	for _, e := range events {
		if e.Kind == api.EventOpened {
			t.Errorf("opened: %+v", e)
		}
	}
}
