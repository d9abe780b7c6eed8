package collecttest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Phone is ODK Collect on somebody's phone: it speaks to the address that was
// scanned, byte by byte as OkHttp does, and takes for success what Collect does.
type Phone struct {
	Base     string // https://host/or/token
	Library  Library
	Language string // of Accept-Language; empty: none is sent
	// Drop, when set, is asked before each request whether its line breaks, behind so
	// many bytes of the body (0 or more), or before the answer is read (Unheard).
	Drop func(method, path string) int
}

// What Drop can answer beside a number of bytes.
const (
	Whole   = -1 // nothing breaks
	Unheard = -2 // the request arrives, and its answer does not
)

// deviceID and agent are what Collect says of itself. Neither may be found anywhere.
const (
	DeviceID = "collect:VqwBSDbsfcm1JmTg"
	Agent    = "org.odk.collect.android/v2025.2.3 Dalvik/2.1.0 (Linux; U; Android 8.1.0; SM-J260F)"
)

// ErrLine is a line that broke.
var ErrLine = errors.New("the line broke")

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends one request as OkHttp writes it.
func (p *Phone) Do(ctx context.Context, method, address, contentType string, body []byte) (*Answer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLine, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\n", method, u.RequestURI())
	if method == http.MethodPost {
		fmt.Fprintf(&head, "Content-Type: %s\r\nContent-Length: %d\r\n", contentType, len(body))
	}
	// SimpleDateFormat with hh, which counts to twelve.
	date := time.Now().UTC().Format("Mon, 02 Jan 2006 03:04:05 GMT")
	fmt.Fprintf(&head, "User-Agent: %s\r\nX-OpenRosa-Version: 1.0\r\nDate: %s\r\nHost: %s\r\nConnection: Keep-Alive\r\nAccept-Encoding: gzip\r\n", Agent, date, u.Host)
	if p.Language != "" {
		fmt.Fprintf(&head, "Accept-Language: %s\r\n", p.Language)
	}
	head.WriteString("\r\n")
	at := Whole
	if p.Drop != nil {
		at = p.Drop(method, u.Path)
	}
	if at >= 0 {
		body = body[:min(at, len(body))]
	}
	if _, err := conn.Write(append(head.Bytes(), body...)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLine, err)
	}
	if at >= 0 {
		return nil, ErrLine
	}
	return p.hear(conn, method, at)
}

func (p *Phone) hear(conn net.Conn, method string, at int) (*Answer, error) {
	r := bufio.NewReader(conn)
	if _, err := r.Peek(1); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLine, err)
	}
	if at == Unheard {
		return nil, ErrLine
	}
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLine, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLine, err)
	}
	return &Answer{resp.StatusCode, resp.Header, text}, nil
}

func (p *Phone) with(path string) string {
	return p.Base + path + "?deviceID=" + url.QueryEscape(DeviceID)
}

// Listed is a form in the list that a phone gets.
type Listed struct {
	FormID   string `xml:"formID"`
	Name     string `xml:"name"`
	Version  string `xml:"version"`
	Hash     string `xml:"hash"`
	URL      string `xml:"downloadUrl"`
	Manifest string `xml:"manifestUrl"`
}

// FormList gets the list of forms, and refuses what Collect would refuse.
func (p *Phone) FormList(ctx context.Context) ([]Listed, error) {
	a, err := p.Do(ctx, http.MethodGet, p.with("/formList"), "", nil)
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK || !strings.Contains(a.Header.Get("Content-Type"), "text/xml") || a.Header.Get("X-OpenRosa-Version") != "1.0" {
		return nil, fmt.Errorf("formList: status %d, %s", a.Status, a.Header.Get("Content-Type"))
	}
	var list struct {
		XMLName xml.Name `xml:"http://openrosa.org/xforms/xformsList xforms"`
		Forms   []Listed `xml:"http://openrosa.org/xforms/xformsList xform"`
	}
	if err := xml.Unmarshal(a.Body, &list); err != nil {
		return nil, err
	}
	return list.Forms, nil
}

// Fetch gets a form and the list of its files, and compares its digest.
func (p *Phone) Fetch(ctx context.Context, f Listed) ([]byte, error) {
	sep := "?deviceID=" + url.QueryEscape(DeviceID)
	a, err := p.Do(ctx, http.MethodGet, f.URL+sep, "", nil)
	if err != nil {
		return nil, err
	}
	sum := md5.Sum(a.Body)
	if a.Status != http.StatusOK || f.Hash != "md5:"+hex.EncodeToString(sum[:]) {
		return nil, fmt.Errorf("form: status %d, another digest than %s", a.Status, f.Hash)
	}
	m, err := p.Do(ctx, http.MethodGet, f.Manifest+sep, "", nil)
	if err != nil {
		return nil, err
	}
	if m.Status != http.StatusOK || !bytes.Contains(m.Body, []byte("http://openrosa.org/xforms/xformsManifest")) {
		return nil, fmt.Errorf("manifest: status %d", m.Status)
	}
	return a.Body, nil
}

// Send sends a filled form as Collect does: HEAD, then as many posts as it takes. The
// error is what the person with the phone would read.
func (p *Phone) Send(ctx context.Context, s Sent) error {
	most, err := p.Ask(ctx)
	if err != nil {
		return err
	}
	for _, post := range s.Posts(most, p.Library) {
		if err := p.Post(ctx, post); err != nil {
			return err
		}
	}
	return nil
}

// Ask sends the HEAD request, and gives how large posts may be.
func (p *Phone) Ask(ctx context.Context) (int64, error) {
	a, err := p.Do(ctx, http.MethodHead, p.with("/submission"), "", nil)
	if err != nil {
		return 0, err
	}
	most := int64(10_000_000)
	switch {
	case a.Status == http.StatusNoContent:
		if v := a.Header.Get("X-OpenRosa-Accept-Content-Length"); v != "" {
			if most, err = strconv.ParseInt(v, 10, 64); err != nil {
				return 0, err
			}
		}
		if a.Header.Get("X-OpenRosa-Version") != "1.0" || a.Header.Get("Date") == "" || a.Header.Get("Location") != "" {
			return 0, fmt.Errorf("HEAD: %v", a.Header)
		}
	case a.Status == http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") != "":
		return 0, errors.New("the phone asks for a password")
	case a.Status >= 200 && a.Status < 300:
		return 0, fmt.Errorf("HEAD: %d is a failure to Collect", a.Status)
	}
	return most, nil
}

// Refused is an answer that Collect shows as an error.
type Refused struct {
	Status  int
	Message string
}

// Error implements error.
func (r *Refused) Error() string { return fmt.Sprintf("status %d: %s", r.Status, r.Message) }

// Post sends one post.
func (p *Phone) Post(ctx context.Context, post Post) error {
	a, err := p.Do(ctx, http.MethodPost, p.with("/submission"), post.ContentType, post.Body)
	if err != nil {
		return err
	}
	var said struct {
		XMLName xml.Name `xml:"http://openrosa.org/http/response OpenRosaResponse"`
		Message string   `xml:"message"`
	}
	if err := xml.Unmarshal(a.Body, &said); err != nil {
		return &Refused{a.Status, string(a.Body)}
	}
	if a.Status != http.StatusCreated && a.Status != http.StatusAccepted {
		return &Refused{a.Status, said.Message}
	}
	return nil
}
