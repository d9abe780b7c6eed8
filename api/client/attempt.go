package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
)

// The bounds of patience.
const (
	maxAttempts = 6
	firstPause  = 250 * time.Millisecond
	longPause   = 30 * time.Second
)

// verdict is what to make of one attempt.
type verdict int

const (
	final verdict = iota
	again         // at once, with the nonce or session it asked for
	later         // after a pause
)

// do sends the call until it has an answer that stands. The answer's body is the
// caller's to close. Errors are *api.Problem, ErrNotFound, ErrUnavailable or the
// context's.
func (c *Client) do(ctx context.Context, r call) (*http.Response, error) {
	p, err := r.payload()
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		resp, what, err := c.try(ctx, r, p)
		if err == nil {
			return resp, nil
		}
		if what == again && p.stream != nil && !r.repeat {
			// The caller has to begin anew; the next time the nonce and session are fresh.
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		mayRepeat := r.repeat || what == again // a refusal left nothing behind
		if what == final || attempt == maxAttempts || !mayRepeat {
			return nil, err
		}
		if what == again {
			continue
		}
		if pauseErr := c.pause(ctx, c.patience(attempt, err)); pauseErr != nil {
			return nil, fmt.Errorf("%w: %w", err, pauseErr)
		}
	}
}

func (c *Client) try(ctx context.Context, r call, p payload) (*http.Response, verdict, error) {
	cred := r.credentials
	if r.signed {
		live, err := c.credentials(ctx)
		if err != nil {
			return nil, final, err
		}
		cred = &live
	}
	req, err := c.request(ctx, r, p, cred)
	if err != nil {
		return nil, final, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, final, context.Cause(ctx)
		}
		return nil, later, fmt.Errorf("%w: %w", ErrUnavailable, withoutURL(err))
	}
	c.nonce.set(resp.Header.Get(api.HeaderDPoPNonce))
	if resp.StatusCode < 300 {
		return resp, final, nil
	}
	defer resp.Body.Close()
	err = problemOf(resp)
	return nil, c.judge(cred, err), err
}

// isProblem says whether an error is, or wraps, the vault's problem of that name.
func isProblem(err error, name api.ProblemName) bool {
	var p *api.Problem
	return errors.As(err, &p) && p.Name() == name
}

// judge decides what a refusal means for the next attempt.
func (c *Client) judge(cred *credentials, err error) verdict {
	switch {
	case isProblem(err, api.ProblemUseDPoPNonce):
		return again
	case isProblem(err, api.ProblemUnauthorized) && cred != nil && cred.token != "":
		c.signOut(cred.token)
		return again
	case isProblem(err, api.ProblemIdempotencyInFlight), errors.Is(err, ErrUnavailable):
		return later
	}
	return final
}

// problemOf reads a refusal. What is not a problem document says no more than
// its status: it comes from something between here and the vault.
func problemOf(resp *http.Response) error {
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var said api.TokenError
	if err == nil && resp.Header.Get("Content-Type") == api.MediaJSON && json.Unmarshal(b, &said) == nil && said.Error != "" {
		return tokenRefusal(resp.StatusCode, said)
	}
	p := new(api.Problem)
	if err != nil || resp.Header.Get("Content-Type") != api.MediaProblem || json.Unmarshal(b, p) != nil || p.Name() == "" {
		p = &api.Problem{Title: http.StatusText(resp.StatusCode), Type: bodiless(resp)}
	}
	p.Status = resp.StatusCode
	p.Title, p.Detail = printable(p.Title), printable(p.Detail)
	return refusal(p, resp.Header.Get("Retry-After"))
}

// bodiless is the problem of an answer to HEAD, which has no room for a document: a
// refused proof or session is told by the challenge (RFC 9449, section 8).
func bodiless(resp *http.Response) string {
	switch {
	case resp.Request.Method != http.MethodHead || resp.StatusCode != http.StatusUnauthorized:
		return ""
	case strings.Contains(resp.Header.Get("WWW-Authenticate"), `error="use_dpop_nonce"`):
		return api.ProblemUseDPoPNonce.Type()
	}
	return api.ProblemUnauthorized.Type()
}

// refusal gives a problem the meaning that callers test for.
func refusal(p *api.Problem, retryAfter string) error {
	switch p.Status {
	case http.StatusNotFound:
		return fmt.Errorf("%w: %w", ErrNotFound, p)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return &busy{p, retryAfter}
	}
	if p.Name() == api.ProblemEnrolFirst {
		return fmt.Errorf("%w: %w", ErrNotEnrolled, p)
	}
	return p
}

// busy is a refusal that a pause may lift.
type busy struct {
	problem    *api.Problem
	retryAfter string
}

func (b *busy) Error() string   { return ErrUnavailable.Error() + ": " + b.problem.Error() }
func (b *busy) Unwrap() []error { return []error{ErrUnavailable, b.problem} }

// patience is how long to wait after so many attempts: what the vault asked for,
// within reason, or a random time up to a bound that doubles, so that a thousand
// clients do not come back in step.
func (c *Client) patience(attempt int, err error) time.Duration {
	var b *busy
	if errors.As(err, &b) {
		if s, err := strconv.Atoi(b.retryAfter); err == nil && s > 0 {
			return min(time.Duration(s)*time.Second, longPause)
		}
	}
	bound := min(firstPause<<attempt, longPause)
	return bound/2 + time.Duration(c.dice(int64(bound/2)))
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
