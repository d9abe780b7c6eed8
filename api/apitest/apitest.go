// Package apitest holds HTTP exchanges against the contract in api/openapi.yaml.
//
// What holds: an exchange that CheckExchange passes has an operation, a status,
// headers and bodies that the contract names, and no member of a body that it
// does not name: answers may gain members only together with the contract. What
// does not: that an answer is true, or that a refusal was the right one.
//
// Requests are judged only when they were not refused, because tests send wrong
// ones on purpose; answers always. Bodies of other media types than JSON are not
// read.
package apitest

import (
	"net/http"
	"sync"

	"github.com/relatingfield/vault/api"
)

// Operation is one request that the contract has.
type Operation struct {
	Method string // in capitals
	Path   string // with parameters in braces: /v1/testimonies/{testimony}
}

// Operations lists the contract's operations by path and method.
func Operations() []Operation { return contract().Operations() }

// Find tells which operation a request is, by method and the escaped path of its
// address.
func Find(method, path string) (Operation, bool) {
	f := contract().find(method, path)
	return Operation{method, f.path}, f.op != nil
}

// CheckExchange says everything about an exchange that the contract does not
// allow. It leaves the answer's body to be read again. A JSON request needs its
// GetBody, which http.NewRequest sets.
func CheckExchange(req *http.Request, resp *http.Response) error {
	return contract().CheckExchange(req, resp)
}

// CheckAnswer is CheckExchange without a judgement on the request.
func CheckAnswer(req *http.Request, resp *http.Response) error {
	return contract().CheckAnswer(req, resp)
}

// Transport sends with base and hands what is wrong with each exchange to report.
func Transport(base http.RoundTripper, report func(error)) http.RoundTripper {
	return transport{base, report}
}

type transport struct {
	base   http.RoundTripper
	report func(error)
}

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if err := CheckExchange(req, resp); err != nil {
		t.report(err)
	}
	return resp, nil
}

// Load reads api.OpenAPI.
func Load() (*Contract, error) { return Parse(api.OpenAPI) }

var loadOnce = sync.OnceValues(Load)

// contract is the one that is built in; a fault in it fails every test that
// asks, which is what tests are for.
func contract() *Contract {
	c, err := loadOnce()
	if err != nil {
		panic(err)
	}
	return c
}
