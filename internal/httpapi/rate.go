package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/partner"
)

// limit is the name of the one policy that programs are under.
const limit = `"burst"`

// sayRate tells a program how much it may still ask
// (draft-ietf-httpapi-ratelimit-headers).
func sayRate(h http.Header, r partner.Rate) {
	if r.Quota == 0 {
		return
	}
	h.Set(api.HeaderRateLimitPolicy, fmt.Sprintf("%s;q=%d;w=%d", limit, r.Quota, int64(r.Window.Seconds())))
	h.Set(api.HeaderRateLimit, fmt.Sprintf("%s;r=%d;t=%d", limit, r.Remaining, int64(r.Reset.Seconds())))
}

// sayExceeded puts the same on a refusal, and when to come back.
func sayExceeded(h http.Header, err error) {
	var e *partner.Exceeded
	if errors.As(err, &e) {
		sayRate(h, e.Rate)
		h.Set("Retry-After", strconv.FormatInt(max(1, int64(e.Reset.Seconds())), 10))
	}
}
