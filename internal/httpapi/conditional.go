package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/relatingfield/vault/api"
)

// ReadIf is Read for what a client may hold a copy of and ask whether it has changed
// (RFC 9110 section 13). The tag is the hash of the answer: two answers have it in
// common exactly if they are the same. Nothing on the way may keep the answer; the
// client does.
func ReadIf[Out any](do func(*Request) (Out, error)) Handler {
	return func(r *Request) error {
		out, err := do(r)
		if err != nil {
			return err
		}
		if err := r.checkQuery(); err != nil {
			return err
		}
		body, err := encode(out)
		if err != nil {
			return err
		}
		return r.sendIf(api.MediaJSON, body)
	}
}

// sendIf answers with body, or that the client has it.
func (r *Request) sendIf(media string, body []byte) error {
	tag := tagOf(body)
	r.Answer().Set("ETag", tag)
	if has(r.Header().Values("If-None-Match"), tag) {
		r.echo.Response().WriteHeader(http.StatusNotModified)
		return nil
	}
	return r.send(http.StatusOK, media, body)
}

func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`
}

// has looks for a tag in the lists of If-None-Match. Ours have no comma. A weak tag
// will do, since some proxy may have made it so.
func has(lists []string, tag string) bool {
	for _, list := range lists {
		for one := range strings.SplitSeq(list, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}
