package client_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
)

// tells changes what the vault says of an upload's state, in answers to method.
func tells(method string, change func(h http.Header)) func(*http.Response) {
	return func(r *http.Response) {
		if r.Request.Method == method && r.Header.Get(api.HeaderUploadOffset) != "" {
			change(r.Header)
		}
	}
}

// Whatever a vault says of how far an upload is, it ends with exactly what was
// sealed being there, or with an error: nothing is signed on its word.
func TestAVaultThatLiesAboutAnUploadIsNotBelieved(t *testing.T) {
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	twice, back := 0, 0
	for name, lie := range map[string]struct {
		heard func(*http.Response)
		want  error
	}{
		"more than there is":      {tells(http.MethodHead, set(api.HeaderUploadOffset, "9000000000")), client.ErrUpload},
		"less than none":          {tells(http.MethodHead, set(api.HeaderUploadOffset, "-1")), client.ErrUpload},
		"no number":               {tells(http.MethodHead, set(api.HeaderUploadOffset, "much")), client.ErrNonsense},
		"another length":          {tells(http.MethodHead, set(api.HeaderUploadLength, "5")), client.ErrUpload},
		"all, when half was sent": {tells(http.MethodHead, func(h http.Header) { h.Set(api.HeaderUploadOffset, h.Get(api.HeaderUploadLength)) }), client.ErrStored},
		"less than before": {tells(http.MethodHead, func(h http.Header) {
			if twice++; twice > 1 {
				h.Set(api.HeaderUploadOffset, "70000")
			}
		}), client.ErrUnavailable},
		"now less, now more": {tells(http.MethodHead, func(h http.Header) {
			h.Set(api.HeaderUploadOffset, []string{"70000", "80000"}[back%2])
			back++
		}), client.ErrUpload},
		"another digest": {tells(http.MethodPatch, set(api.HeaderReprDigest, "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:")), client.ErrStored},
		"no digest":      {tells(http.MethodPatch, func(h http.Header) { h.Del(api.HeaderReprDigest) }), nil},
		"never a digest": {func(r *http.Response) { r.Header.Del(api.HeaderReprDigest) }, client.ErrStored},
	} {
		t.Run(name, func(t *testing.T) {
			w := clienttest.NewWorld(t)
			salma, keys := w.Participant(t)
			tid := told(t, salma)
			c, out := breaking(t, w, keys, func(n int) int64 {
				if n < 2 {
					return 1 << 20
				}
				return -1
			})
			out.heard = lie.heard
			if _, err := c.AddPart(context.Background(), tid, client.Bytes("video.mp4", "", noise(video))); !errors.Is(err, lie.want) {
				t.Errorf("%v, want %v", err, lie.want)
			}
			used, _ := begins(t, w, keys)
			shown, err := w.Client(t, keys).Show(context.Background(), tid)
			if err != nil || len(used) != 2 || (shown.Parts == 4) != (lie.want == nil) {
				t.Errorf("%d keys, %+v, %v", len(used), shown, err)
			}
		})
	}
}

// What the vault shows of an unfinished upload is gone on with only if it is the
// very one she began; everything else is told, and the file goes under a new key.
func TestAnUploadThatSheDidNotBeginIsNotGoneOnWith(t *testing.T) {
	ctx := context.Background()
	uploads := func(change func(*api.Upload)) func(*testing.T, *halfway) {
		return func(_ *testing.T, h *halfway) {
			clienttest.Lie(h.Vault, partsRoute, func(a *api.Testimony) { change(&a.Uploads[0]) })
		}
	}
	for name, lie := range map[string]struct {
		tell func(*testing.T, *halfway)
		want error
	}{
		"another header": {func(t *testing.T, h *halfway) {
			other := partHeader(t, h)
			uploads(func(u *api.Upload) { u.Header = other })(t, h)
		}, client.ErrUploadSwapped},
		"another header and its digest": {func(t *testing.T, h *halfway) {
			other := partHeader(t, h)
			uploads(func(u *api.Upload) { u.Header, u.HeaderSHA256 = other, api.HashOf(other) })(t, h)
		}, client.ErrUploadSwapped},
		"no header":       {uploads(func(u *api.Upload) { u.Header = nil }), client.ErrUploadSwapped},
		"another nonce":   {uploads(func(u *api.Upload) { u.Nonce[3] ^= 1 }), client.ErrUploadSwapped},
		"no nonce":        {uploads(func(u *api.Upload) { u.Nonce = nil }), client.ErrUploadSwapped},
		"another length":  {uploads(func(u *api.Upload) { u.Length += 65552 }), client.ErrUploadSwapped},
		"too much there":  {uploads(func(u *api.Upload) { u.Received = u.Length + 1 }), client.ErrUploadSwapped},
		"less than none":  {uploads(func(u *api.Upload) { u.Received = -1 }), client.ErrUploadSwapped},
		"another number":  {uploads(func(u *api.Upload) { u.N = 7 }), client.ErrPlanted},
		"a part's number": {uploads(func(u *api.Upload) { u.N = 1 }), client.ErrPlanted},
		"a forged beginning": {func(_ *testing.T, h *halfway) {
			clienttest.Lie(h.Vault, "GET /v1/testimonies/{t}/parts/{n}/payload", func(b *[]byte) { (*b)[600] ^= 1 })
		}, client.ErrUploadSwapped},
		"a short beginning": {func(_ *testing.T, h *halfway) {
			clienttest.Lie(h.Vault, "GET /v1/testimonies/{t}/parts/{n}/payload", func(b *[]byte) { *b = (*b)[:1000] })
		}, client.ErrUploadSwapped},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHalfway(t, there)
			lie.tell(t, h)
			c, out := h.elsewhere(t)
			if list, err := c.Unfinished(ctx, h.tid); !errors.Is(err, lie.want) || len(list) != 1 || !errors.Is(list[0].Err, lie.want) {
				t.Errorf("listed: %+v, %v", list, err)
			}
			if r, err := c.FindUnfinished(ctx, h.tid, recording()); r != nil || err != nil || out.gone != 0 {
				t.Errorf("found %+v, %v", r, err)
			}
			n, err := c.AddPart(ctx, h.tid, recording())
			if used, _ := begins(t, h.World, h.keys); err != nil || n == h.n || len(used) != 3 {
				t.Errorf("added as %d, %d keys, %v", n, len(used), err)
			}
		})
	}
}

// partHeader is the header of another part of hers.
func partHeader(t *testing.T, h *halfway) (header []byte) {
	t.Helper()
	clienttest.Lie(h.Vault, contentRoute, func(b *[]byte) { header = slices.Clone((*b)[:headerSize]) })
	opens(t, h.Client(t, h.keys), h.tid, 1, []byte(story))
	h.Vault.Honest(contentRoute)
	return header
}

// Where the vault finds that something it had is lost, the same bytes are sent again
// from there, under the same key, and nothing else.
func TestAnUploadGoesBackWhereTheVaultHasLostSomething(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	c, out := breaking(t, w, keys, func(n int) int64 {
		if n == 0 {
			return 2 << 20
		}
		return -1
	})
	lost := false
	out.heard = func(r *http.Response) {
		if r.Request.Method != http.MethodHead || lost {
			return
		}
		lost = true
		w.Vault.Spoil(tid, 4, func(b []byte) []byte { return b[:300_000] })
	}
	n, err := c.AddPart(t.Context(), tid, client.Bytes("video.mp4", "", noise(video)))
	if err != nil || !lost {
		t.Fatalf("%v, lost %t", err, lost)
	}
	opens(t, c, tid, n, noise(video))
	if used, _ := begins(t, w, keys); len(used) != 2 {
		t.Errorf("%d keys", len(used))
	}
}

// When what had arrived turns out not to be what was sent, the whole is sent anew,
// under a new key.
func TestASpoiledUploadIsSentAnew(t *testing.T) {
	ctx := context.Background()
	h := newHalfway(t, there)
	h.Vault.Spoil(h.tid, h.n, func(b []byte) []byte {
		b[len(b)-1] ^= 1
		return b
	})
	c, out := h.elsewhere(t)
	r, err := c.FindUnfinished(ctx, h.tid, recording())
	if err != nil || r == nil {
		t.Fatal(err)
	}
	n, err := c.Resume(ctx, r)
	if err != nil || n != h.n || out.gone != 2 {
		t.Fatalf("%d, %d goes, %v", n, out.gone, err)
	}
	opens(t, c, h.tid, n, noise(video))
	if used, _ := begins(t, h.World, h.keys); len(used) != 3 {
		t.Errorf("%d keys", len(used))
	}
}
