package apitest

import (
	"net/http"
	"net/url"
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

// find takes an address as it stands in a request, escaped: a slash that is escaped
// parts nothing. It prefers no pattern to another, because no two of the contract fit one
// address; a test sees to it.
func (c *Contract) find(method, address string) found {
	for path, methods := range c.doc.Paths {
		if values, ok := fit(path, address); ok {
			if method != strings.ToUpper(method) { // names of methods have a case (RFC 9110 section 9.1)
				return found{path: path, values: values}
			}
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
			value, err := url.PathUnescape(have[i])
			if err != nil {
				return nil, false
			}
			values[strings.TrimSuffix(parameter, "}")] = value
		} else if w != have[i] {
			return nil, false
		}
	}
	return values, true
}
