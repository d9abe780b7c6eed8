package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

// buffer is a Sink in memory.
type buffer struct {
	bytes.Buffer
	info client.PartInfo
	size int64
}

func (b *buffer) Begin(info client.PartInfo, size int64) (io.Writer, error) {
	b.info, b.size = info, size
	return b, nil
}

const (
	story = "قالت إنها سمعت أخيرًا"
	large = 300 << 10 // bytes, more than the double takes inside JSON
)

// told creates a testimony of two small parts and a large one.
func told(t testing.TB, c *client.Client) api.ID {
	t.Helper()
	tid, err := c.Create(context.Background(), client.Testimony{Title: "عنوان", Language: "ar", Parts: []client.Content{
		client.Bytes("story.txt", "", []byte(story)),
		client.Bytes("photo.jpg", "", []byte("\xff\xd8\xff pixels")),
		client.Bytes("voice.ogg", "", bytes.Repeat([]byte("sound"), large/5)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return tid
}

func offer(tid api.ID, to *client.Client, parts ...int64) client.Offer {
	return client.Offer{Testimony: tid, Parts: parts, To: to.Account(), Terms: api.Terms{Access: statement.Download}}
}

func granted(t testing.TB, c *client.Client, o client.Offer) api.ID {
	t.Helper()
	g, err := c.Grant(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return g.ID
}

// What one person tells, the one she grants it to can open, and nothing else;
// after she has revoked, nobody can.
func TestFromHerWordsToAnotherReader(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	reader := w.Researcher(t, "Dr. Leyla")
	tid := told(t, salma)
	grant := granted(t, salma, offer(tid, reader, 1, 3))

	inbox, err := reader.Inbox(ctx)
	if err != nil || len(inbox) != 1 || inbox[0].Err != nil || inbox[0].From != salma.Account() {
		t.Fatalf("%+v, %v", inbox, err)
	}
	for n, want := range map[int64]int{1: len(story), 3: large} {
		var b buffer
		if _, err := reader.Open(ctx, grant, n, &b); err != nil || b.Len() != want {
			t.Errorf("part %d: %d bytes, %v", n, b.Len(), err)
		}
	}
	if _, err := reader.Open(ctx, grant, 2, &buffer{}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("a part that was not granted: %v", err)
	}
	fetched, err := salma.Revoke(ctx, tid, grant)
	if err != nil || len(fetched) != 2 {
		t.Errorf("fetched: %+v, %v", fetched, err)
	}
	if _, err := reader.Open(ctx, grant, 1, &buffer{}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("after revoking: %v", err)
	}
	if again, err := salma.Revoke(ctx, tid, grant); err != nil || len(again) != 2 {
		t.Errorf("revoking twice: %+v, %v", again, err)
	}
}

// A new device with nothing but her words sees and opens everything.
func TestHerWordsAreEnoughOnANewDevice(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	first, keys := w.Participant(t)
	tid := told(t, first)
	second := w.Client(t, keys)
	list, err := second.List(ctx)
	if err != nil || len(list) != 1 || list[0].Card.Title != "عنوان" || list[0].Parts != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	var b buffer
	if err := second.OpenOwn(ctx, tid, 1, &b); err != nil || b.String() != story || b.info.Name != "story.txt" {
		t.Errorf("%q, %+v, %v", b.String(), b.info, err)
	}
	if _, err := second.AddPart(ctx, tid, client.Bytes("more.txt", "", []byte("more"))); err != nil {
		t.Error(err)
	}
	// The first device has not seen that and catches up by itself.
	if n, err := first.AddPart(ctx, tid, client.Bytes("yet.txt", "", []byte("yet more"))); err != nil || n != 5 {
		t.Errorf("part %d, %v", n, err)
	}
}

// A second phrase opens a place of its own, and it is empty.
func TestOtherWordsFindNothing(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	told(t, salma)
	if _, err := w.Client(t, w.Keys(t)).List(context.Background()); !errors.Is(err, client.ErrNotEnrolled) {
		t.Error(err)
	}
}
