// Package wire is an HTTP/1.1 client that costs next to nothing: one kept-alive
// connection a caller, requests made beforehand, bodies of files sent by the
// kernel. The load generator shares the cores with what it measures, so what it
// spends is taken from the figures.
//
// It does what a measurement needs and no more: no redirects, no TLS, no
// retries; an answer it does not expect is the caller's to refuse.
package wire

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// patience bounds how long one answer may take.
const patience = 10 * time.Minute

// Conn is one connection. It serves one goroutine at a time.
type Conn struct {
	tcp net.Conn
	in  *bufio.Reader
}

// Dial connects to host:port.
func Dial(addr string) (*Conn, error) {
	tcp, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Conn{tcp, bufio.NewReaderSize(tcp, 64<<10)}, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.tcp.Close() }

// Answer is a whole answer of moderate size.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK is nil for a status below 300, else an error that shows the body.
func (a Answer) OK() error {
	if a.Status < 300 {
		return nil
	}
	return fmt.Errorf("the server answered %d: %s", a.Status, a.Body)
}

// Do sends a request that was made beforehand, in pieces, and reads the answer.
func (c *Conn) Do(pieces ...[]byte) (Answer, error) {
	if err := c.send(pieces); err != nil {
		return Answer{}, err
	}
	return c.answer()
}

// Upload sends a request's head and then n bytes of body, and reads the answer.
// A body that is a file is sent by the kernel.
func (c *Conn) Upload(head []byte, body io.Reader, n int64) (Answer, error) {
	if err := c.send([][]byte{head}); err != nil {
		return Answer{}, err
	}
	if _, err := io.Copy(c.tcp, io.LimitReader(body, n)); err != nil {
		// A server that refuses before the end says why and closes.
		if a, readErr := c.answer(); readErr == nil {
			return a, nil
		}
		return Answer{}, fmt.Errorf("send the body: %w", err)
	}
	return c.answer()
}

func (c *Conn) send(pieces [][]byte) error {
	if err := c.tcp.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	buffers := net.Buffers(slices.Clone(pieces)) // writing empties it, and callers send a request again
	if _, err := buffers.WriteTo(c.tcp); err != nil {
		return fmt.Errorf("send the request: %w", err)
	}
	return nil
}

func (c *Conn) answer() (Answer, error) {
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer: %w", err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer: %w", err)
	}
	return Answer{resp.StatusCode, resp.Header, body}, nil
}

// Fetched is what a download took.
type Fetched struct {
	Answer                // with the body of a refusal only
	Bytes   int64         // of the body
	First   time.Duration // from the request to the first byte of the body
	Elapsed time.Duration // to its last
}

// Fetch sends a request and reads at most most bytes of the answer's body,
// which it forgets; 0 is all of it. After less than all, close the connection.
func (c *Conn) Fetch(request []byte, most int64, buffer []byte) (Fetched, error) {
	began := time.Now()
	if err := c.send([][]byte{request}); err != nil {
		return Fetched{}, err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return Fetched{}, fmt.Errorf("read the answer: %w", err)
	}
	out := Fetched{Answer: Answer{Status: resp.StatusCode, Header: resp.Header}}
	if resp.StatusCode >= 300 {
		out.Body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		return out, err
	}
	for {
		n, err := resp.Body.Read(buffer)
		if out.Bytes == 0 && n > 0 {
			out.First = time.Since(began)
		}
		out.Bytes += int64(n)
		if err == io.EOF || err == nil && most > 0 && out.Bytes >= most {
			out.Elapsed = time.Since(began)
			return out, nil
		}
		if err != nil {
			return out, fmt.Errorf("read the body: %w", err)
		}
	}
}
