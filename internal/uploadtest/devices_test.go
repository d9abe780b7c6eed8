package uploadtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Two devices of hers begin one number. What the first one still sends, to an offset
// at which the second one's upload happens to stand, does not land in that.
func TestBytesOfOneDeviceDoNotLandInTheUploadOfAnother(t *testing.T) {
	each(t, 1<<20, func(_ *vaulttest.Vault, first *upload) {
		const at = 300_000
		names := func(u *upload) []string { return []string{api.HeaderUploadHeader, api.HashOf(u.header).String()} }
		first.patch(0, at, names(first)...)
		second := *first
		second.seal(1 << 20)
		second.begin()
		if a := second.patch(0, at, names(&second)...); a.StatusCode != http.StatusNoContent || a.Header.Get(api.HeaderUploadHeader) != names(&second)[1] {
			t.Fatalf("%d %s %v", a.StatusCode, a.body, a.Header)
		}
		if a := first.patch(at, at+1000, names(first)...); a.StatusCode != http.StatusConflict || !strings.Contains(string(a.body), api.ProblemConflict.Type()) {
			t.Errorf("the first device got %d %s", a.StatusCode, a.body)
		}
		if a := first.patch(at, at+1000, api.HeaderUploadHeader, "nonsense"); a.StatusCode != http.StatusBadRequest {
			t.Errorf("what is no hash got %d %s", a.StatusCode, a.body)
		}
		if got := second.ask(second.tus(http.MethodHead, nil)).Header.Get(api.HeaderUploadHeader); got != names(&second)[1] {
			t.Errorf("HEAD says that it is %q", got)
		}
		second.patch(second.offset(), len(second.payload), names(&second)...)
		second.add()
	})
}
