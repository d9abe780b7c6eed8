package canarytest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
)

// errLost is a line that breaks while a body is sent.
var errLost = errors.New("the line is lost")

// breaking gives b and then breaks.
func breaking(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b), broken{}) }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errLost }

// arrival is a request that hands plaintext over as part n.
func (st *story) arrival(who *peopletest.Person, n int64, says string, length int, body io.Reader) *http.Request {
	st.t.Helper()
	info, err := json.Marshal(envelope.PartInfo{MediaType: "text/plain", Name: st.s.name, Kind: envelope.Original})
	st.must(err)
	req := who.Request(http.MethodPost, fmt.Sprintf("/v1/testimonies/%s/arrivals/%d", st.testimony, n), body)
	req.ContentLength = int64(length)
	req.Header.Set("Content-Type", api.MediaBytes)
	req.Header.Set(api.HeaderStatement, says)
	req.Header.Set(api.HeaderPart, api.Bytes(info).String())
	req.Header.Set(api.HeaderIdempotencyKey, st.door.IdempotencyKey())
	return req
}

// received is what somebody says who hands over so many bytes as part n.
func (st *story) received(who *peopletest.Person, n int64, length int) string {
	st.t.Helper()
	return who.Says(statement.ActReceived, statement.Received{Testimony: st.testimony, N: n, Length: int64(length)})
}

// send sends what is expected to fail, in whatever way.
func (st *story) send(req *http.Request) (status int) {
	st.t.Helper()
	line := &http.Client{Transport: marked{st.s.headers, &http.Transport{DisableKeepAlives: true}}, Timeout: time.Minute}
	resp, err := line.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// breakOff loses the line in the middle of bodies, small and large.
func (st *story) breakOff() {
	st.t.Helper()
	for i, b := range [][]byte{st.s.text, st.s.long, st.s.photo} {
		n := int64(20 + i)
		says := st.received(st.her, n, len(b))
		for _, sent := range []int{1, len(b) / 2, len(b) - 1} {
			if status := st.send(st.arrival(st.her, n, says, len(b), breaking(b[:sent]))); status != 0 && status < 400 {
				st.t.Errorf("%d of %d bytes were accepted with %d", sent, len(b), status)
			}
		}
	}
	half := fmt.Appendf(nil, `{"testimony":%q,"card":%q`, st.testimony, st.s.stray)
	req := st.her.Request(http.MethodPost, "/v1/testimonies", breaking(half))
	req.ContentLength = int64(len(half) + 100)
	req.Header.Set("Content-Type", api.MediaJSON)
	st.send(req)
}

// refusal is a request full of marks, and the status that it must get.
type refusal struct {
	status int
	req    *http.Request
}

// post sends a document as JSON.
func (st *story) post(path, doc string) *http.Request {
	req := st.her.Request(http.MethodPost, path, strings.NewReader(doc))
	req.Header.Set("Content-Type", api.MediaJSON)
	req.Header.Set(api.HeaderIdempotencyKey, st.door.IdempotencyKey())
	return req
}

// refusedBodies carry plaintext that the vault must not take.
func (st *story) refusedBodies() map[string]refusal {
	st.t.Helper()
	text := string(st.s.text)
	hand := func(who *peopletest.Person, n int64, says string, header, value string) *http.Request {
		req := st.arrival(who, n, says, len(text), strings.NewReader(text))
		if header != "" {
			req.Header.Set(header, value)
		}
		return req
	}
	hers := st.received(st.her, 30, len(text))
	other := st.door.Participant()
	chunked := st.arrival(st.her, 30, hers, -1, io.MultiReader(strings.NewReader(text)))
	return map[string]refusal{
		"a statement that is none":    {422, hand(st.her, 30, st.s.stray, "", "")},
		"a statement of other length": {422, hand(st.her, 30, st.received(st.her, 30, len(text)+1), "", "")},
		"a statement of another part": {422, hand(st.her, 30, st.received(st.her, 31, len(text)), "", "")},
		"a part that is there":        {409, hand(st.her, 1, st.received(st.her, 1, len(text)), "", "")},
		"no length":                   {411, chunked},
		"a stranger":                  {422, hand(st.door.Stranger(), 30, hers, "", "")},
		"another woman":               {404, hand(other, 30, st.received(other, 30, len(text)), "", "")},
		"nobody":                      {401, hand(st.her, 30, hers, "Authorization", "")},
		"a wrong part header":         {400, hand(st.her, 30, hers, api.HeaderPart, st.s.stray)},
		"a wrong idempotency key":     {400, hand(st.her, 30, hers, api.HeaderIdempotencyKey, `"`+st.s.stray+`"`)},
		"a wrong proof":               {401, hand(st.her, 30, hers, api.HeaderDPoP, st.s.stray)},
		"a wrong token":               {401, hand(st.her, 30, hers, "Authorization", "DPoP "+st.s.stray)},
		"a wrong type":                {415, hand(st.her, 30, hers, "Content-Type", "text/"+st.s.stray)},
	}
}

// refusedWords carry marks where nobody expects anything.
func (st *story) refusedWords() map[string]refusal {
	st.t.Helper()
	s := st.s
	get := func(path string) *http.Request { return st.her.Request(http.MethodGet, path, nil) }
	method := strings.ToUpper(strings.ReplaceAll(s.stray, "-", ""))
	return map[string]refusal{
		"an unknown member":           {400, st.post("/v1/testimonies", `{"`+s.stray+`":1}`)},
		"text instead of a statement": {422, st.post("/v1/testimonies/"+string(st.testimony)+"/revocations", `{"statement":"`+s.stray+`"}`)},
		"a login":                     {401, st.post("/v1/session", `{"login":"`+s.stray+`.`+s.stray+`.`+s.stray+`"}`)},
		"a path":                      {404, get("/v1/testimonies/" + s.stray)},
		"a path that there is not":    {404, get("/" + s.stray + "/" + s.stray)},
		"a query":                     {400, get("/v1/testimonies?after=" + s.stray)},
		"a method":                    {405, st.her.Request(method, "/v1/testimonies", nil)},
		"a head too large":            {431, get("/v1/" + strings.Repeat(s.stray, 2000))},
	}
}

// refuse sends them, and lines that are no HTTP at all.
func (st *story) refuse() {
	st.t.Helper()
	for _, table := range []map[string]refusal{st.refusedBodies(), st.refusedWords()} {
		for what, r := range table {
			if status := st.send(r.req); status != r.status {
				st.t.Errorf("%s got %d, want %d", what, status, r.status)
			}
		}
	}
	for _, line := range []string{st.s.stray, "GET /" + st.s.stray, "GET / HTTP/1.1\r\n" + st.s.stray + "\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: " + st.s.stray + "\r\n\r\n"} {
		st.mumble(line + "\r\n\r\n")
	}
}

// mumble sends a line and waits for whatever comes of it.
func (st *story) mumble(line string) {
	st.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(st.door.Origin, "http://"))
	st.must(err)
	defer conn.Close()
	_, err = io.WriteString(conn, line)
	st.must(err)
	_, _ = io.Copy(io.Discard, conn)
}
