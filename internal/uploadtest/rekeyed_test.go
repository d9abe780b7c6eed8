package uploadtest_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// The words that she gave up reach her upload by no verb, and are answered like those
// of somebody who never had one; what was under way has ended.
func TestGivenUpWordsReachNoUpload(t *testing.T) {
	each(t, 1<<20, func(v *vaulttest.Vault, u *upload) {
		u.patch(0, 500_000)
		old := *u
		_, err := u.her.Rekey(t.Context(), v.Keys())
		u.must(err)
		stranger := *u
		stranger.her = u.door.Stranger()
		for _, verb := range []string{http.MethodHead, http.MethodPatch, http.MethodPost, http.MethodDelete, http.MethodGet} {
			header := []string{api.HeaderUploadOffset, "500000", api.HeaderUploadLength, "5"}
			got, want := old.ask(old.tus(verb, nil, header...)), stranger.ask(stranger.tus(verb, nil, header...))
			if got.StatusCode != http.StatusNotFound || told(got) != told(want) || string(got.body) != string(want.body) {
				t.Errorf("%s: given-up words got %d %s %s\na stranger %d %s %s", verb, got.StatusCode, told(got), got.body, want.StatusCode, told(want), want.body)
			}
		}
	})
}

// told is the head of an answer without what differs each time.
func told(a answer) string {
	h := maps.Clone(a.Header)
	for _, name := range []string{"Date", "Request-Id", api.HeaderDPoPNonce} {
		h.Del(name)
	}
	var b strings.Builder
	_ = h.Write(&b) // never fails
	return b.String()
}
