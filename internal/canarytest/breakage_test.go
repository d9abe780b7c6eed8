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
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/statement"
)

// errLost is a line that breaks while a body is sent.
var errLost = errors.New("the line is lost")

// breaking gives b and then breaks.
func breaking(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b), broken{}) }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errLost }

// arrival is a request that hands plaintext over as part n.
func (st *story) arrival(who *nodetest.Person, n int64, says string, length int, body io.Reader) *http.Request {
	st.t.Helper()
	info, err := json.Marshal(envelope.PartInfo{MediaType: "text/plain", Name: st.s.name, Kind: envelope.Original})
	st.must(err)
	req := who.Request(http.MethodPost, fmt.Sprintf("/v1/testimonies/%s/arrivals/%d", st.testimony, n), body)
	req.ContentLength = int64(length)
	req.Header.Set("Content-Type", api.MediaBytes)
	req.Header.Set(api.HeaderStatement, says)
	req.Header.Set(api.HeaderPart, api.Bytes(info).String())
	req.Header.Set(api.HeaderIdempotencyKey, fmt.Sprintf("%q", uuid(st.s)))
	return req
}

func uuid(s *secrets) string {
	b := noise(s.t, 16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (st *story) received(n int64, length int) string {
	st.t.Helper()
	return st.her.Says(statement.ActReceived, statement.Received{Testimony: st.testimony, N: n, Length: int64(length)})
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
		says := st.received(n, len(b))
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

// refusals are requests that the vault must refuse, full of marks.
func (st *story) refusals(door *nodetest.Door) map[string]*http.Request {
	st.t.Helper()
	s, text := st.s, string(st.s.text)
	body := func() io.Reader { return strings.NewReader(text) }
	json := func(path, doc string) *http.Request {
		req := st.her.Request(http.MethodPost, path, strings.NewReader(doc))
		req.Header.Set("Content-Type", api.MediaJSON)
		req.Header.Set(api.HeaderIdempotencyKey, fmt.Sprintf("%q", uuid(s)))
		return req
	}
	unsigned := st.arrival(st.her, 30, s.stray, len(text), body())
	unsigned.Header.Del("Authorization")
	badPart := st.arrival(st.her, 30, st.received(30, len(text)), len(text), body())
	badPart.Header.Set(api.HeaderPart, s.stray)
	badKey := st.arrival(st.her, 30, st.received(30, len(text)), len(text), body())
	badKey.Header.Set(api.HeaderIdempotencyKey, fmt.Sprintf("%q", s.stray))
	badProof := st.arrival(st.her, 30, "", len(text), body())
	badProof.Header.Set(api.HeaderDPoP, s.stray)
	badType := st.arrival(st.her, 30, st.received(30, len(text)), len(text), body())
	badType.Header.Set("Content-Type", "text/"+s.stray)
	return map[string]*http.Request{
		"a statement that is none":    st.arrival(st.her, 30, s.stray, len(text), body()),
		"a statement of other length": st.arrival(st.her, 30, st.received(30, len(text)+1), len(text), body()),
		"a statement of other part":   st.arrival(st.her, 30, st.received(31, len(text)), len(text), body()),
		"a part that is there":        st.arrival(st.her, 1, st.received(1, len(text)), len(text), body()),
		"no length":                   st.arrival(st.her, 30, st.received(30, len(text)), -1, io.MultiReader(body())),
		"a stranger":                  st.arrival(door.Stranger(), 30, st.received(30, len(text)), len(text), body()),
		"another woman":               st.arrival(door.Enrolled(statement.Participant), 30, st.received(30, len(text)), len(text), body()),
		"nobody":                      unsigned, "a wrong part header": badPart, "a wrong key": badKey, "a wrong proof": badProof, "a wrong type": badType,
		"an unknown member":           json("/v1/testimonies", `{"`+s.stray+`":1}`),
		"text instead of a statement": json("/v1/testimonies/"+string(st.testimony)+"/revocations", `{"statement":"`+s.stray+`"}`),
		"a path":                      st.her.Request(http.MethodGet, "/v1/testimonies/"+s.stray, nil),
		"a path that there is not":    st.her.Request(http.MethodGet, "/"+s.stray+"/"+s.stray, nil),
		"a query":                     st.her.Request(http.MethodGet, "/v1/testimonies?after="+s.stray, nil),
		"a method":                    st.her.Request(strings.ToUpper(strings.ReplaceAll(s.stray, "-", "")), "/v1/testimonies", nil),
		"a login":                     json("/v1/session", `{"login":"`+s.stray+`.`+s.stray+`.`+s.stray+`"}`),
		"a header too large":          json("/v1/"+strings.Repeat(s.stray, 2000), "{}"),
	}
}

// refuse sends them, and lines that are no HTTP at all.
func (st *story) refuse(door *nodetest.Door) {
	st.t.Helper()
	for what, req := range st.refusals(door) {
		if status := st.send(req); status != 0 && status < 400 {
			st.t.Errorf("%s was accepted with %d", what, status)
		}
	}
	for _, line := range []string{st.s.stray, "GET /" + st.s.stray, "GET / HTTP/1.1\r\n" + st.s.stray + "\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: " + st.s.stray + "\r\n\r\n"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(door.Origin, "http://"))
		st.must(err)
		_, err = io.WriteString(conn, line+"\r\n\r\n")
		st.must(err)
		_ = conn.Close()
	}
}
