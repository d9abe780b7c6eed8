package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/relatingfield/vault/api"
)

// maxAnswer bounds a JSON answer in bytes; a page of statements is the largest.
const maxAnswer = 64 << 20

// call is one request as its caller thinks of it.
type call struct {
	method string
	path   string     // with its query, from the root
	body   any        // JSON; nil for none
	form   url.Values // in place of body
	header http.Header

	signed      bool         // with the account's session
	credentials *credentials // in place of the session, while there is none

	// repeat says that the same request may be sent again when its fate is not
	// known: it reads, or it carries an idempotency key, or it says no more when
	// said twice.
	repeat bool

	see func(http.Header) // looks at the headers of the answer; may be nil

	stream func() (io.ReadCloser, error) // in place of body: the bytes from the first one, anew at each call
	length int64                         // of stream
	media  string                        // of stream; empty for MediaBytes
}

// answers is how often an answer may break off before the call is given up.
const answers = 3

// json sends the call and reads a JSON answer into out. An answer that breaks
// off is asked for again where the call may be repeated: what it said has been
// done, or has not, and the same request finds out which.
func (c *Client) json(ctx context.Context, r call, out any) error {
	b, err := c.answer(ctx, r)
	for n := 1; n < answers && r.repeat && errors.Is(err, errBrokeOff) && ctx.Err() == nil; n++ {
		b, err = c.answer(ctx, r)
	}
	if err != nil {
		return err
	}
	if len(b) > maxAnswer {
		return fmt.Errorf("%w: the answer has no end", ErrNonsense)
	}
	// Unknown members are left for clients that know them; a repeated or
	// differently spelled one is two answers in one, and refused.
	if err := jsonv2.Unmarshal(b, out); err != nil {
		return fmt.Errorf("%w: the answer is not what the protocol says: %w", ErrNonsense, err)
	}
	return nil
}

var errBrokeOff = fmt.Errorf("%w: the answer broke off", ErrUnavailable)

// answer sends the call and reads what comes back, to its end.
func (c *Client) answer(ctx context.Context, r call) ([]byte, error) {
	resp, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if r.see != nil {
		r.see(resp.Header)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBrokeOff, err)
	}
	return b, nil
}

// get reads one thing of the account's.
func (c *Client) get(ctx context.Context, path string, out any) error {
	return c.json(ctx, call{method: http.MethodGet, path: path, signed: true, repeat: true}, out)
}

// post sends what creates something, under an idempotency key that makes it safe
// to repeat.
func (c *Client) post(ctx context.Context, path string, body, out any) error {
	return c.create(ctx, call{method: http.MethodPost, path: path, body: body, signed: true}, out)
}

func (c *Client) create(ctx context.Context, r call, out any) error {
	key, err := newUUID(c.rand)
	if err != nil {
		return err
	}
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(api.HeaderIdempotencyKey, `"`+key+`"`)
	r.repeat = true
	return c.json(ctx, r, out)
}

// payload is what goes over the line, encoded once so that every repetition is
// the same bytes.
type payload struct {
	media  string
	body   []byte
	stream func() (io.ReadCloser, error)
	length int64
}

func (r call) payload() (payload, error) {
	if r.stream != nil {
		return payload{media: cmp.Or(r.media, api.MediaBytes), stream: r.stream, length: r.length}, nil
	}
	if r.form != nil {
		b := []byte(r.form.Encode())
		return payload{media: api.MediaForm, body: b, length: int64(len(b))}, nil
	}
	if r.body == nil {
		return payload{}, nil
	}
	b, err := json.Marshal(r.body)
	if err != nil {
		return payload{}, fmt.Errorf("encode the request: %w", err)
	}
	return payload{media: api.MediaJSON, body: b, length: int64(len(b))}, nil
}

func (p payload) reader() (io.Reader, error) {
	if p.stream != nil {
		return p.stream()
	}
	if len(p.body) == 0 {
		return http.NoBody, nil
	}
	return bytes.NewReader(p.body), nil
}

// request makes one attempt's request, with a proof of its own.
func (c *Client) request(ctx context.Context, r call, p payload, cred *credentials) (*http.Request, error) {
	body, err := p.reader()
	if err != nil {
		return nil, fmt.Errorf("open what is to be sent: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.origin+r.path, body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header = r.header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("User-Agent", "") // Go then sends none
	req.Header.Set("Accept", strings.Join([]string{api.MediaJSON, api.MediaProblem, api.MediaBytes}, ", "))
	if c.lang != "" {
		req.Header.Set("Accept-Language", c.lang)
	}
	if p.media != "" {
		req.Header.Set("Content-Type", p.media)
		req.ContentLength = p.length
	}
	if p.stream != nil {
		req.Header.Set("Expect", "100-continue") // a refusal then costs no upload
	}
	return req, c.authorize(req, cred)
}

func (c *Client) authorize(req *http.Request, cred *credentials) error {
	if cred == nil {
		return nil
	}
	proof, err := cred.key.prove(c.rand, occasion{method: req.Method, url: req.URL.String(), token: cred.token,
		nonce: c.nonce.get(), time: c.time().Unix()})
	if err != nil {
		return err
	}
	req.Header.Set(api.HeaderDPoP, proof)
	if cred.token != "" {
		req.Header.Set("Authorization", api.SchemeDPoP+" "+cred.token)
	}
	return nil
}
