package app_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/s3test"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// over puts payloads into a bucket.
func over(server *s3test.Server) vaulttest.Option {
	return vaulttest.With(func(c *config.Config) {
		c.Blobs.Engine, c.Blobs.S3 = config.Bucket, server.Place("vault/")
	})
}

// lying counts the objects in the bucket.
func lying(t *testing.T, server *s3test.Server) (n int) {
	t.Helper()
	s, err := s3blob.Open(server.Config("vault/", t.TempDir()), s3test.Deps())
	if err == nil {
		err = s.List(t.Context(), func(blob.Entry) error { n++; return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Where payloads lie is nothing that anybody notices: the story is the same over a
// bucket, on both engines, and what is erased leaves no object in it.
func TestTheStoryOverABucket(t *testing.T) {
	server := s3test.New(t)
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			v := vaulttest.New(t, vaulttest.On(e), over(server))
			story(t, v)
			if n := lying(t, server); n != 0 {
				t.Errorf("%d objects are left", n)
			}
			if _, err := os.Stat(filepath.Join(v.Config.DataDir, "blobs")); !os.IsNotExist(err) {
				t.Errorf("there is a folder of payloads, too: %v", err)
			}
		})
	}
}

// While the bucket is away, what needs it is answered 503 with Retry-After, what
// lies in rows is served, and afterwards everything is there. The log says that
// something is away, and not what.
func TestABucketThatIsAway(t *testing.T) {
	server := s3test.New(t)
	w := &witness{t: t, v: vaulttest.New(t, over(server)), base: &http.Transport{}, seen: map[apitest.Operation]map[int]bool{}}
	p := w.people()
	ctx := t.Context()
	voice := bytes.Repeat([]byte("sound"), 300<<10)
	tid, err := p.her.Create(ctx, client.Testimony{Title: "a", Language: "en", Parts: []client.Content{
		client.Bytes("story.txt", "", []byte(told)), client.Bytes("voice.ogg", "", voice),
	}})
	w.must(err)
	g, err := p.her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1, 2}, To: p.reader.Account(), Terms: api.Terms{Access: statement.Download}})
	w.must(err)
	path := "/v1/inbox/" + string(g.ID) + "/parts/%d/content"
	large := w.raw(p.reader, 206, "GET", fmt.Sprintf(path, 2), "", "Range", "bytes=700000-900000")
	if len(large) != 200_001 {
		t.Errorf("a range has %d bytes", len(large))
	}
	w.must(server.Kill())
	problem := w.raw(p.reader, 503, "GET", fmt.Sprintf(path, 2), "")
	if !strings.Contains(string(problem), "unavailable") {
		t.Errorf("the problem is %s", problem)
	}
	w.raw(p.reader, 200, "GET", fmt.Sprintf(path, 1), "")
	w.raw(nil, 503, "GET", "/readyz", "")
	w.must(server.Restart(ctx))
	w.raw(nil, 200, "GET", "/readyz", "")
	if again := w.raw(p.reader, 206, "GET", fmt.Sprintf(path, 2), "", "Range", "bytes=700000-900000"); !bytes.Equal(again, large) {
		t.Error("the range is another")
	}
	access, secret := server.Keys()
	for _, told := range []string{server.Addr(), access, secret, s3test.Bucket + "/", "vault/"} {
		if strings.Contains(w.v.Log.String(), told) {
			t.Errorf("the log tells %q:\n%s", told, w.v.Log)
		}
	}
}
