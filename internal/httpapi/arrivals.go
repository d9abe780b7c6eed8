package httpapi

import (
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/testimony"
)

// arrive takes plaintext and seals it while it streams in. What is remembered of
// the request is its key, length and metadata, hashed; of the body nothing, since
// a fingerprint of what she said must not lie in the database.
func (t *Testimonies) arrive(r *Request) error {
	p, err := r.part()
	if err != nil {
		return err
	}
	if err := r.checkBytes(); err != nil {
		return err
	}
	words := once(r.Header(), api.HeaderStatement)
	about := once(r.Header(), api.HeaderPart)
	info, err := partInfo(about)
	if err != nil {
		return err
	}
	a := testimony.Arrival{Testimony: p.Testimony, N: p.N, Statement: words, Info: info, Length: r.Length(), Body: r.Body()}
	return r.Once(http.StatusCreated, r.digest(fmt.Appendf(nil, "%s\n%s\n%d", words, about, r.Length())), func(keep idempotency.Commit) (any, error) {
		spell := func(made testimony.Arrived) api.Arrived {
			return api.Arrived{Accepted: accepted(made.Accepted), Part: part(testimony.Part{N: p.N, Binding: made.Binding, Arrived: true, PQ: true, Received: words})}
		}
		made, err := t.Vault.Arrive(r.Context(), r.Caller, a, as(keep, spell))
		if err != nil {
			return nil, err
		}
		return spell(made), nil
	})
}

// partInfo reads the Testimony-Part header, which is sealed with the body and
// goes nowhere else.
func partInfo(header string) (envelope.PartInfo, error) {
	var b api.Bytes
	if err := b.UnmarshalText([]byte(header)); err != nil {
		return envelope.PartInfo{}, errBadRequest
	}
	info, err := envelope.ParsePartInfo(b)
	if err != nil {
		return envelope.PartInfo{}, errBadRequest
	}
	return info, nil
}

// relock replaces a payload that was re-encrypted by her client.
func (t *Testimonies) relock(r *Request, in api.NewRelock, keep idempotency.Commit) (api.Accepted, error) {
	id, err := r.ID("testimony")
	if err != nil {
		return api.Accepted{}, err
	}
	re := testimony.Relocking{Testimony: id, Statement: in.Statement, Header: in.Header}
	for _, h := range in.Headers {
		re.Headers = append(re.Headers, grant.Carried{Grant: h.Grant, Header: h.Header})
	}
	out, err := t.Vault.Relock(r.Context(), r.Caller, re, one(keep, accepted))
	return accepted(out), err
}

// part is what the path names.
func (r *Request) part() (statement.Part, error) {
	id, err := r.ID("testimony")
	if err != nil {
		return statement.Part{}, err
	}
	n, err := r.Number("n")
	return statement.Part{Testimony: id, N: n}, err
}

// checkBytes wants an octet stream of announced length.
func (r *Request) checkBytes() error {
	if r.Length() < 0 {
		return errNoLength
	}
	return r.checkMedia(api.MediaBytes)
}
