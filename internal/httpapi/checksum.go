package httpapi

import (
	"bytes"
	"crypto/sha1" // #nosec G505 -- tus demands it; it guards against bad lines, not against people
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/http"
	"strings"

	"github.com/relatingfield/vault/api"
)

// checksum is what a body is to hash to, and what it does (tus, extension checksum).
type checksum struct {
	hash.Hash
	want []byte
}

// checksumOf reads Upload-Checksum; nil where there is none.
func checksumOf(h http.Header) (*checksum, error) {
	if len(h.Values(api.HeaderUploadChecksum)) == 0 {
		return nil, nil
	}
	name, value, _ := strings.Cut(once(h, api.HeaderUploadChecksum), " ")
	c := &checksum{}
	switch name {
	case "sha1":
		c.Hash = sha1.New()
	case "sha256":
		c.Hash = sha256.New()
	default:
		return nil, errBadRequest
	}
	var err error
	c.want, err = base64.StdEncoding.DecodeString(value)
	// It has one spelling: the decoder would overlook line ends.
	if err != nil || len(c.want) != c.Size() || base64.StdEncoding.EncodeToString(c.want) != value {
		return nil, errBadRequest
	}
	return c, nil
}

func (c *checksum) check() error {
	if !bytes.Equal(c.Sum(nil), c.want) {
		return errChecksum
	}
	return nil
}
