package s3test_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/s3test"
	"github.com/relatingfield/vault/internal/statement"
)

// into is a sink in memory.
func into(b *bytes.Buffer) client.Sink {
	return client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return b, nil })
}

func TestTheProgram(t *testing.T) {
	program, err := daemontest.Build(t.TempDir(), "cmd/testimonyd")
	must(t, err)
	for name, test := range map[string]func(*testing.T, string){
		"over a bucket":                  overABucket,
		"does not repeat what is talked": doesNotRepeat,
		"looks after a bucket":           looksAfterABucket,
	} {
		t.Run(name, func(t *testing.T) { test(t, program) })
	}
}

// onABucket starts a vault whose objects lie in a bucket of its own server.
func onABucket(t *testing.T, program string) (*s3test.Server, *daemontest.Daemon, *daemontest.People) {
	t.Helper()
	server := s3test.New(t)
	daemon, err := daemontest.New(daemontest.Config{Program: program, Dir: filepath.Join(t.TempDir(), "vault"), Set: server.Settings("blobs", "vault/")})
	must(t, err)
	must(t, daemon.Start(t.Context()))
	t.Cleanup(func() { must(t, daemon.Kill()) })
	people, err := daemon.Meet(t.Context())
	must(t, err)
	return server, daemon, people
}

// overABucket: what she tells is there after the program and the
// bucket's server were killed, her reader hears it until she takes it back, and
// what she erases leaves no object.
func overABucket(t *testing.T, program string) {
	ctx := t.Context()
	server, daemon, people := onABucket(t, program)
	reader, _, err := people.Researcher(ctx, "Dr. Leyla")
	must(t, err)
	her, _, err := people.Participant(ctx)
	must(t, err)

	voice := make([]byte, 9<<20)
	rand.Read(voice) // never fails
	tid, err := her.Create(ctx, client.Testimony{Title: "عنوان", Language: "ar", Parts: []client.Content{client.Bytes("story.txt", "", []byte("heard"))}})
	must(t, err)
	n, err := her.AddPart(ctx, tid, client.Bytes("voice.ogg", "", voice))
	must(t, err)
	if objects(t, server) == 0 {
		t.Fatal("nothing lies in the bucket")
	}
	must(t, daemon.Kill())
	must(t, server.Kill())
	must(t, server.Restart(ctx))
	must(t, daemon.Start(ctx))

	g, err := her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{n}, To: reader.Account(), Terms: api.Terms{Access: statement.Download}})
	must(t, err)
	for who, hear := range map[string]func(*bytes.Buffer) error{
		"she":        func(b *bytes.Buffer) error { return her.OpenOwn(ctx, tid, n, into(b)) },
		"her reader": func(b *bytes.Buffer) error { _, err := reader.Open(ctx, g.ID, n, into(b)); return err },
	} {
		var b bytes.Buffer
		if err := hear(&b); err != nil || !bytes.Equal(b.Bytes(), voice) {
			t.Errorf("%s hears %d bytes, %v", who, b.Len(), err)
		}
	}
	_, err = her.Revoke(ctx, tid, g.ID)
	must(t, err)
	if _, err := reader.Open(ctx, g.ID, n, into(new(bytes.Buffer))); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("after she took it back: %v", err)
	}
	must(t, her.Erase(ctx, tid))
	if n := objects(t, server); n != 0 {
		t.Errorf("%d objects are left of what she erased", n)
	}
	must(t, daemon.Stop(context.WithoutCancel(ctx)))
}

// objects counts what lies in the vault's part of the bucket.
func objects(t *testing.T, server *s3test.Server) (n int) {
	t.Helper()
	s, err := s3blob.Open(server.Config("vault/", t.TempDir()), s3test.Deps())
	must(t, err)
	must(t, s.List(t.Context(), func(blob.Entry) error { n++; return nil }))
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The settings of a daemon name every field that a vault in this process is told.
func TestDaemonsAndVaultsAreToldTheSame(t *testing.T) {
	server := s3test.New(t)
	place := server.Place("vault/")
	told := strings.Join(server.Settings("blobs", "vault/"), "\n")
	for _, want := range []string{place.Endpoint, place.Region, place.Bucket, place.Prefix, place.AccessKey, string(place.SecretKey.Reveal())} {
		if want == "" || !strings.Contains(told, "="+want) {
			t.Errorf("%q is not among the settings", want)
		}
	}
}
