package apitest

import (
	"net/http"
	"strings"
)

// found is where a request belongs: nowhere (path empty), to a path without its
// method (op nil), or to an operation.
type found struct {
	path   string
	op     *operation
	values map[string]string // of the path's parameters
}

// name is the pattern, or the address itself where the contract has none.
func (f found) name(req *http.Request) string {
	if f.path == "" {
		return req.URL.Path
	}
	return f.path
}

// find prefers no pattern to another, because no two of the contract fit one
// address; a test sees to it.
func (c *Contract) find(method, address string) found {
	for path, methods := range c.doc.Paths {
		if values, ok := fit(path, address); ok {
			return found{path, methods[strings.ToLower(method)], values}
		}
	}
	return found{}
}

func fit(path, address string) (map[string]string, bool) {
	want, have := strings.Split(path, "/"), strings.Split(address, "/")
	if len(want) != len(have) {
		return nil, false
	}
	values := map[string]string{}
	for i, w := range want {
		if parameter, ok := strings.CutPrefix(w, "{"); ok && have[i] != "" {
			values[strings.TrimSuffix(parameter, "}")] = have[i]
		} else if w != have[i] {
			return nil, false
		}
	}
	return values, true
}
