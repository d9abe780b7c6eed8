package apitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxBody bounds the JSON that is read from an answer, in bytes.
const maxBody = 64 << 20

// CheckExchange is the package's, of this contract.
func (c *Contract) CheckExchange(req *http.Request, resp *http.Response) error {
	var faults []error
	found := c.find(req.Method, req.URL.EscapedPath())
	if found.op != nil && resp.StatusCode < http.StatusBadRequest {
		faults = c.request(found, req)
	}
	faults = append(faults, c.response(found, req.Method, resp)...)
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%s %s, answered %d: %w", req.Method, found.name(req), resp.StatusCode, err)
	}
	return nil
}

// CheckAnswer is CheckExchange without a judgement on the request.
func (c *Contract) CheckAnswer(req *http.Request, resp *http.Response) error {
	found := c.find(req.Method, req.URL.EscapedPath())
	if err := errors.Join(c.response(found, req.Method, resp)...); err != nil {
		return fmt.Errorf("%s %s, answered %d: %w", req.Method, found.name(req), resp.StatusCode, err)
	}
	return nil
}

// request says what is wrong with a request that was not refused.
func (c *Contract) request(f found, req *http.Request) (faults []error) {
	for _, p := range f.op.Parameters {
		if err := c.parameter(f, p, req); err != nil {
			faults = append(faults, fmt.Errorf("%s %s: %w", p.In, p.Name, err))
		}
	}
	for key := range req.URL.Query() {
		if !slices.ContainsFunc(f.op.Parameters, func(p *parameter) bool { return p.In == "query" && p.Name == key }) {
			faults = append(faults, fmt.Errorf("query %s: accepted, and not in the contract", key))
		}
	}
	for _, name := range c.secrets(f.op) {
		if req.Header.Get(name) == "" {
			faults = append(faults, fmt.Errorf("header %s: accepted without it", name))
		}
	}
	return append(faults, c.requestBody(f.op.RequestBody, req)...)
}

func (c *Contract) parameter(f found, p *parameter, req *http.Request) error {
	var values []string
	switch p.In {
	case "path":
		values = []string{f.values[p.Name]}
	case "query":
		values = req.URL.Query()[p.Name]
	case "header":
		values = req.Header.Values(p.Name)
	}
	switch {
	case len(values) == 0 && p.Required:
		return errors.New("accepted without it")
	case len(values) == 0:
		return nil
	case len(values) > 1 && (p.Name == "Range" || p.Name == "If-Range"):
		return nil // ignored, as everything that is not one range
	case len(values) > 1:
		return errors.New("accepted twice")
	}
	return c.validWord(p.at+"/schema", values[0])
}

// secrets are the headers that an operation's security asks for.
func (c *Contract) secrets(op *operation) (names []string) {
	needs := c.doc.Security
	if op.Security != nil {
		needs = *op.Security
	}
	for _, schemes := range needs {
		for name := range schemes {
			if s := c.doc.Components.SecuritySchemes[name]; s.Type == "http" {
				names = append(names, "Authorization")
			} else {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

func (c *Contract) requestBody(b *requestBody, req *http.Request) []error {
	if b == nil {
		if req.ContentLength != 0 {
			return []error{errors.New("request body: accepted, and not in the contract")}
		}
		return nil
	}
	m, media, err := ofType(b.Content, req.Header.Get("Content-Type"))
	if err != nil || !isJSON(media) {
		return wrong("request body", err)
	}
	if req.GetBody == nil {
		return wrong("request body", errors.New("it cannot be read again: make the request with http.NewRequest and a bytes.Reader"))
	}
	body, err := req.GetBody()
	if err != nil {
		return wrong("request body", err)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return wrong("request body", err)
	}
	return wrong("request body", c.validText(m.at+"/schema", text))
}

// response says what is wrong with an answer.
func (c *Contract) response(f found, method string, resp *http.Response) []error {
	want := f.answer(c, method, resp.StatusCode)
	if want != nil && resp.StatusCode == http.StatusBadRequest && isProblem(resp) && want.Content["application/problem+json"] == nil {
		want = c.doc.Components.Responses["BadRequest"] // a head that is too much is refused before any route is known
	}
	if want == nil {
		return []error{errors.New("the contract has no such answer here")}
	}
	var faults []error
	for name, h := range want.Headers {
		values := resp.Header.Values(name)
		switch {
		case len(values) == 0 && h.Required:
			faults = append(faults, fmt.Errorf("header %s: missing", name))
		case len(values) > 1:
			faults = append(faults, fmt.Errorf("header %s: stands %d times", name, len(values)))
		case len(values) == 1:
			faults = append(faults, wrong("header "+name, c.validWord(h.at+"/schema", values[0]))...)
		}
	}
	faults = append(faults, c.counted(f, resp)...)
	if method == http.MethodHead || len(want.Content) == 0 {
		return faults // HEAD tells what a body would be, and sends none
	}
	return append(faults, c.responseBody(want, resp)...)
}

// counted holds answers to partners' programs to what they are told of their limit:
// each that was given after the program had shown who it is says how much is left.
// What is refused before that, and by whom nobody knows, is not counted.
func (c *Contract) counted(f found, resp *http.Response) (faults []error) {
	if f.op == nil || !c.programs(f.op) {
		return nil
	}
	switch s := resp.StatusCode; {
	case s < http.StatusBadRequest, s == http.StatusForbidden, s == http.StatusConflict, s == http.StatusUnprocessableEntity:
	default:
		return nil
	}
	for _, name := range []string{"RateLimit", "RateLimit-Policy"} {
		if resp.Header.Get(name) == "" {
			faults = append(faults, fmt.Errorf("header %s: missing, and this program's requests are counted", name))
		}
	}
	return faults
}

// programs tells the operations that only partners' programs may call.
func (c *Contract) programs(op *operation) bool {
	needs := c.doc.Security
	if op.Security != nil {
		needs = *op.Security
	}
	for _, schemes := range needs {
		if _, ok := schemes["clientToken"]; !ok {
			return false
		}
	}
	return len(needs) > 0
}

func isProblem(resp *http.Response) bool {
	return resp.Header.Get("Content-Type") == "application/problem+json"
}

func (c *Contract) responseBody(want *response, resp *http.Response) []error {
	m, media, err := ofType(want.Content, resp.Header.Get("Content-Type"))
	if err != nil || !isJSON(media) {
		return wrong("body", err)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && len(text) > maxBody {
		err = fmt.Errorf("longer than %d bytes", maxBody)
	}
	// What was read goes in front of what was not, and the connection stays the
	// caller's to close.
	resp.Body = rest{io.MultiReader(bytes.NewReader(text), resp.Body), resp.Body}
	if err != nil {
		return wrong("body", err)
	}
	return wrong("body", c.validText(m.at+"/schema", text))
}

type rest struct {
	io.Reader
	io.Closer
}

// ofType finds a media type. Only text may carry parameters.
func ofType(content map[string]*mediaType, value string) (*mediaType, string, error) {
	media, params, err := mime.ParseMediaType(value)
	if err != nil {
		return nil, "", fmt.Errorf("media type %q: %w", value, err)
	}
	if len(params) > 0 && isJSON(media) {
		return nil, "", fmt.Errorf("media type %q: JSON has no parameters", value)
	}
	m := content[media]
	if m == nil {
		return nil, "", fmt.Errorf("media type %q is not in the contract", value)
	}
	return m, media, nil
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

func wrong(what string, err error) []error {
	if err == nil {
		return nil
	}
	return []error{fmt.Errorf("%s: %w", what, err)}
}

// answer is the response of a status; addresses and methods that the contract
// does not have are answered in one way each.
func (f found) answer(c *Contract, method string, status int) *response {
	switch {
	case f.op != nil:
		return f.op.Responses[strconv.Itoa(status)]
	case f.path != "" && method == http.MethodOptions && status == http.StatusNoContent:
		return c.doc.Components.Responses["Methods"]
	case status == http.StatusBadRequest:
		return c.doc.Components.Responses["BadRequest"]
	case status == http.StatusServiceUnavailable:
		return c.doc.Components.Responses["Unavailable"]
	case f.path != "" && status == http.StatusMethodNotAllowed:
		return c.doc.Components.Responses["MethodNotAllowed"]
	case f.path == "" && status == http.StatusNotFound:
		return c.doc.Components.Responses["NotFound"]
	}
	return nil
}
