package faulttest_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/linetest"
	"github.com/relatingfield/vault/internal/statement"
)

// mob is everybody who wants that nobody else gets through. All of it is bounded: so
// many of each sort, until it is sent home.
type mob struct {
	t     *testing.T
	addr  string
	ctx   context.Context
	work  sync.WaitGroup
	asked atomic.Int64 // requests that were answered, and
	away  atomic.Int64 // of them, turned away
}

// gather sends a mob, which goes home with what it returns.
func gather(t *testing.T, addr string) (m *mob, home func()) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	m = &mob{t: t, addr: addr, ctx: ctx}
	return m, func() { cancel(); m.work.Wait() }
}

// hammer sends a request again and again.
func (m *mob) hammer(method, path, media, body string) {
	m.work.Go(func() {
		c := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
		defer c.CloseIdleConnections()
		for m.ctx.Err() == nil {
			req, err := http.NewRequestWithContext(m.ctx, method, "http://"+m.addr+path, strings.NewReader(body))
			if err != nil {
				m.t.Error(err)
				return
			}
			if media != "" {
				req.Header.Set("Content-Type", media)
				req.Header.Set(api.HeaderIdempotencyKey, `"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`)
			}
			resp, err := c.Do(req)
			if err != nil {
				continue // thrown out, or sent home
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			m.asked.Add(1)
			if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
				m.away.Add(1)
			}
		}
	})
}

// hang opens a connection, says a part of something, and says no more until it is
// thrown out; then it comes again.
func (m *mob) hang(text string) {
	m.work.Go(func() {
		for m.ctx.Err() == nil {
			c, err := (&net.Dialer{Timeout: time.Second}).DialContext(m.ctx, "tcp", m.addr)
			if err != nil {
				continue
			}
			stop := context.AfterFunc(m.ctx, func() { _ = c.Close() })
			_, _ = io.WriteString(c, text)
			_, _ = c.Read(make([]byte, 1)) // waits for the end
			stop()
			_ = c.Close()
		}
	})
}

// come is the whole mob.
func (m *mob) come() {
	const json = api.MediaJSON
	signIn := fmt.Sprintf(`{"login":"%s"}`, strings.Repeat("eyJhbGciOiJFZERTQSJ9.", 40))
	for range 2 {
		m.hammer("POST", "/v1/session", json, signIn)
		m.hammer("POST", "/v1/session/challenge", "", "")
		m.hammer("POST", "/v1/accounts", json, `{"statement":"x.y.z","challenge":"AAAA","solution":"1"}`)
		m.hammer("POST", "/v1/token", api.MediaForm, url.Values{"grant_type": {"client_credentials"}}.Encode())
		m.hammer("GET", "/v1/roster", "", "")
		m.hammer("GET", "/v1/enrolment", "", "")
		m.hammer("GET", "/v1/consultations/aaaaaaaaaaaaaaaaaaaaaaaaaa", "", "")
		m.hammer("GET", "/or/aaaaaaaaaaaaaaaaaaaaaaaaaa/formList", "", "")
		m.hammer("GET", "/readyz", "", "")
		m.hammer("GET", "/v1/testimonies", "", "")
		m.hammer("GET", "/openapi.yaml", "", "")
	}
	for range 40 {
		m.hang("")
		m.hang("GET /v1/vault HTTP/1.1\r\nHost: x\r\nX-Never: ")
		m.hang("POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{")
		m.hang("POST /v1/testimonies HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{")
	}
}

// An ordinary woman on the worst line gets through a mob that comes from the same
// address as she does, into a process that has hardly fifty connections to give: she
// enrols, tells, lets somebody in and takes it back. Whoever hammers is turned away.
func TestAWomanGetsThroughAMob(t *testing.T) {
	t.Parallel()
	w := begin(t, withFiles(t, 280), set("limits.header_timeout=2s", "strangers.sign_ins_per_second=1", "strangers.looks_per_second=10", "strangers.work_bits=8", "strangers.most_work_bits=12"))
	reader, _, err := w.People.Researcher(t.Context(), "Dr. Reader")
	must(t, err)
	line, err := linetest.StartMobile(w.Addr(), linetest.SecondGeneration(7).Faster(20))
	must(t, err)
	t.Cleanup(func() { must(t, line.Stop()) })
	m, home := gather(t, w.Addr())
	defer home()
	m.come()

	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	keys, err := w.People.Keys()
	must(t, err)
	her, err := client.New(client.Config{Server: w.Origin(), Vault: w.People.Vault(), Keys: keys, HTTP: &http.Client{Transport: kept(t, line.Addr)}})
	must(t, err)
	began := time.Now()
	must(t, persist(ctx, func() error { return her.Enrol(ctx, statement.Participant, "") }))
	var made api.ID
	must(t, persist(ctx, func() (err error) {
		made, err = her.Create(ctx, client.Testimony{Title: "شهادة", Language: "ar", Parts: []client.Content{arabic(t)}})
		return err
	}))
	var g api.ID
	must(t, persist(ctx, func() error {
		let, err := her.Grant(ctx, client.Offer{Testimony: made, Parts: []int64{1}, To: reader.Account(), Terms: api.Terms{Access: statement.Download}})
		if err == nil {
			g = let.ID
		}
		return err
	}))
	_, err = her.Revoke(ctx, made, g)
	must(t, err)
	t.Logf("she was through in %s; %d requests of the mob were answered, %d of them by turning it away", time.Since(began).Round(time.Millisecond), m.asked.Load(), m.away.Load())
	if m.asked.Load() == 0 || m.away.Load() == 0 {
		t.Error("there was no mob")
	}
	home()
	o := &faulttest.Woman{Client: her, Keys: keys}
	if _, err := o.List(t.Context()); err != nil {
		t.Errorf("when they had gone: %v", err)
	}
	if n := w.files(); n > 280 {
		t.Errorf("it holds %d files", n)
	}
}

// persist does what a person does whom the vault asks to come back.
func persist(ctx context.Context, do func() error) (err error) {
	for range 5 {
		if err = do(); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}
