package faulttest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/s3test"
)

// A full disk under the server of a bucket, or under the folder in which large parts
// wait for it, stops large parts and nothing else, with a kill in the middle: what is
// stored is heard and taken back, small parts come in, and she is told what is safe.
// When there is room everything goes on by itself.
func TestAFullDiskUnderABucketStopsOnlyLargeParts(t *testing.T) {
	if !privately(t) {
		return
	}
	for _, part := range []string{"the server", "the scratch folder"} {
		t.Run(part, func(t *testing.T) {
			d := mount(t, 64)
			dir, scratch := t.TempDir(), d.path("arriving")
			if part == "the server" {
				dir, scratch = d.path("server"), t.TempDir()
			}
			server, err := s3test.Start(t.Context(), dir)
			must(t, err)
			t.Cleanup(func() { must(t, server.Kill()) })
			w := begin(t, set(server.Settings("blobs", "vault/")...), set("blobs.s3.scratch="+scratch))
			first, second, third := w.told(large), w.told(large), w.told(large)
			d.fill()
			w.isFull(second)
			_, err = second.AddPart(t.Context(), second.testimony, faulttest.Content(1000, 4))
			must(t, err)
			w.takeBack(first)
			must(t, w.Kill())
			must(t, w.launch())
			w.takeBack(third)
			w.readsHerOwn(second)

			d.clear()
			fourth := w.told(large) // without a restart
			w.takeBack(fourth)
			w.works(second)
			for _, o := range []*told{first, second, third, fourth} {
				if _, err := o.Check(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// isFull wants a large part to be refused because there is no room, in words that say
// what is safe.
func (w *world) isFull(o *told) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), time.Minute)
	defer stop()
	f := &first{stop: func() {}}
	c, err := w.Client(o.Keys, f)
	must(w.t, err)
	_, err = c.AddPart(ctx, o.testimony, faulttest.Content(large, 7))
	if f.status != http.StatusInsufficientStorage || problem(err) != api.ProblemFull || !strings.Contains(err.Error(), "What was confirmed before is safe") {
		w.t.Errorf("a full disk is answered with %d: %v\n%s", f.status, err, w.log())
	}
}
