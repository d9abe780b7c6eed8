package contracttest

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api/apitest"
)

// mark begins every text that bends put into a request, so that it is known when an
// answer or the log repeats one.
const mark = "zq7mark"

// The most bytes of an answer: a refusal says a few sentences, and a list has pages.
const (
	maxRefusal = 4 << 10
	maxAnswer  = 4 << 20
)

// taken are operations that take requests which their schemas do not have, and why.
var taken = map[apitest.Operation]string{
	{Method: "OPTIONS", Path: "/v1/testimonies/{testimony}/parts/{n}/payload"}: "what uploads speak is the same whatever upload is named",

	{Method: "POST", Path: "/v1/pause"}: "its description says so: what cannot be read is a wrong code, and every code is answered alike",
}

// spoken are operations whose refusals are in other words than ours, and why.
var spoken = map[apitest.Operation]string{
	{Method: "POST", Path: "/v1/token"}: "OAuth libraries read RFC 6749 section 5.2",
}

// judge says everything about an answer that no answer may be.
func judge(req *http.Request, resp *http.Response, body []byte, marks bool) (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	phone := strings.HasPrefix(req.URL.Path, "/or/") // ODK's own words, also for addresses and methods that are none there
	check := apitest.CheckExchange
	if o, _ := apitest.Find(req.Method, req.URL.EscapedPath()); taken[o] != "" {
		check = apitest.CheckAnswer
	}
	if err := check(req, resp); err != nil && !below(resp) && !(phone && resp.StatusCode >= http.StatusBadRequest) {
		faults = append(faults, err)
	}
	refused := resp.StatusCode >= http.StatusBadRequest
	switch {
	case resp.StatusCode == http.StatusInternalServerError:
		fault("a fault of the vault's own")
	case refused && phone && !below(resp) && req.Method != http.MethodHead && !isProblem(resp) && !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/xml"):
		fault("a refusal to a phone of type %q", resp.Header.Get("Content-Type"))
	case refused && !phone && !isProblem(resp) && spoken[operation(req)] == "" && !below(resp) && req.Method != http.MethodHead:
		fault("a refusal of type %q", resp.Header.Get("Content-Type"))
	case refused && len(body) > maxRefusal, len(body) > maxAnswer:
		fault("it has %d bytes", len(body))
	}
	if refused && marks {
		var head bytes.Buffer
		if err := resp.Header.Write(&head); err != nil {
			faults = append(faults, err)
		}
		if strings.Contains(head.String(), mark) || bytes.Contains(body, []byte(mark)) {
			fault("it repeats what was sent")
		}
	}
	for _, name := range []string{"Set-Cookie", "Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
		if resp.Header.Get(name) != "" {
			fault("it has %s", name)
		}
	}
	if len(faults) > 0 {
		return []error{errors.Join(faults...)}
	}
	return nil
}

// below tells whether an answer came from below the vault, from what reads HTTP: a
// line of plain text on a connection that ends with it.
func below(resp *http.Response) bool {
	low := []int{http.StatusBadRequest, http.StatusExpectationFailed, http.StatusRequestHeaderFieldsTooLarge, http.StatusNotImplemented}
	media := resp.Header.Get("Content-Type")
	return slices.Contains(low, resp.StatusCode) && resp.Close && (media == "" || strings.HasPrefix(media, "text/plain")) && resp.Header.Get("Request-Id") == ""
}
