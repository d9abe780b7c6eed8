package s3test_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/s3test"
)

// looksAfterABucket: what somebody does to a bucket behind the vault's back is found
// by fsck, object by object, beside the vault that serves, and what is whole is not
// accused.
func looksAfterABucket(t *testing.T, program string) {
	ctx := t.Context()
	server, daemon, people := onABucket(t, program)
	her, _, err := people.Participant(ctx)
	must(t, err)
	var parts []client.Content
	for _, name := range []string{"a.ogg", "b.ogg", "c.ogg", "d.ogg"} {
		voice := make([]byte, 300<<10)
		rand.Read(voice) // never fails
		parts = append(parts, client.Bytes(name, "", voice))
	}
	_, err = her.Create(ctx, client.Testimony{Title: "x", Parts: parts})
	must(t, err)
	if said, err := daemon.Run(ctx, "fsck", "--deep"); err != nil {
		t.Fatalf("nothing has happened yet: %v\n%s", err, said)
	}

	keys := spoil(t, server)
	said, err := daemon.Run(ctx, "fsck", "--deep")
	if err == nil {
		t.Fatalf("nothing was found\n%s", said)
	}
	for i, want := range []string{"object-damaged", "object-length", "object-missing", ""} {
		name := keys[i][strings.LastIndex(keys[i], "/")+1:]
		if strings.Contains(said, name) != (want != "") || !strings.Contains(said, want) {
			t.Errorf("%s, %q:\n%s", name, want, said)
		}
	}
	if said, err := daemon.Run(ctx, "fsck"); err == nil || strings.Contains(said, "object-damaged") || !strings.Contains(said, "object-length") || !strings.Contains(said, "object-missing") {
		t.Errorf("without reading: %v\n%s", err, said)
	}
	must(t, daemon.Stop(context.WithoutCancel(ctx)))
}

// spoil changes a bit of the first object, cuts the second short, and deletes the
// third; the last stays as it is.
func spoil(t *testing.T, server *s3test.Server) (keys []string) {
	t.Helper()
	ctx := t.Context()
	c, err := server.Client()
	must(t, err)
	for o := range c.ListObjects(ctx, s3test.Bucket, minio.ListObjectsOptions{Prefix: "vault/", Recursive: true}) {
		must(t, o.Err)
		keys = append(keys, o.Key)
	}
	if len(keys) != 4 {
		t.Fatalf("%d objects, not one for each recording: %q", len(keys), keys)
	}
	put := func(key string, change func([]byte) []byte) {
		o, err := c.GetObject(ctx, s3test.Bucket, key, minio.GetObjectOptions{})
		must(t, err)
		b, err := io.ReadAll(o)
		must(t, err)
		b = change(b)
		_, err = c.PutObject(ctx, s3test.Bucket, key, bytes.NewReader(b), int64(len(b)), minio.PutObjectOptions{})
		must(t, err)
	}
	put(keys[0], func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
	put(keys[1], func(b []byte) []byte { return b[:len(b)-1] })
	must(t, c.RemoveObject(ctx, s3test.Bucket, keys[2], minio.RemoveObjectOptions{}))
	return keys
}
