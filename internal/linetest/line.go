package linetest

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Line is a port in front of a server, carried by toxiproxy. It is sound until it
// is spoiled.
type Line struct {
	Addr string // host:port for clients

	proxy  *Proxy
	name   string
	toxics int
}

// Line makes a line to a server's host:port.
func (p *Proxy) Line(ctx context.Context, server string) (*Line, error) {
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	p.lines++
	l := &Line{Addr: addr, proxy: p, name: fmt.Sprintf("line-%d", p.lines)}
	made := map[string]any{"name": l.name, "listen": addr, "upstream": server, "enabled": true}
	return l, p.ask(ctx, http.MethodPost, "/proxies", made)
}

// Spoil adds to what is wrong with a line, for connections that are open and that
// will be.
func (l *Line) Spoil(ctx context.Context, toxics ...Toxic) error {
	for _, t := range toxics {
		l.toxics++
		t.Name = fmt.Sprintf("%s-%d", t.Type, l.toxics)
		if err := l.proxy.ask(ctx, http.MethodPost, "/proxies/"+l.name+"/toxics", t); err != nil {
			return fmt.Errorf("spoil a line: %w", err)
		}
	}
	return nil
}

// Mend makes a line sound again, for connections that begin after it. Those that
// were open end: what had been spoiled on them stays so.
func (l *Line) Mend(ctx context.Context) error {
	if err := l.turn(ctx, false); err != nil {
		return fmt.Errorf("mend a line: %w", err)
	}
	for n := 1; n <= l.toxics; n++ {
		for _, kind := range kinds() {
			// Only one of the kinds has this number.
			_ = l.proxy.ask(ctx, http.MethodDelete, fmt.Sprintf("/proxies/%s/toxics/%s-%d", l.name, kind, n), nil)
		}
	}
	l.toxics = 0
	if err := l.turn(ctx, true); err != nil {
		return fmt.Errorf("mend a line: %w", err)
	}
	return nil
}

// Cut ends every connection and refuses new ones until Mend.
func (l *Line) Cut(ctx context.Context) error { return l.turn(ctx, false) }

func (l *Line) turn(ctx context.Context, on bool) error {
	return l.proxy.ask(ctx, http.MethodPost, "/proxies/"+l.name, map[string]any{"enabled": on})
}

// Direction is one half of a line.
type Direction string

// The directions.
const (
	Up   Direction = "upstream"   // from the client
	Down Direction = "downstream" // to the client
)

// Toxic is one thing that is wrong with a line, in one direction: a toxic of
// toxiproxy with its attributes.
type Toxic struct {
	Name       string         `json:"name"`
	Type       string         `json:"type"`
	Stream     Direction      `json:"stream"`
	Attributes map[string]int `json:"attributes"`
}

func kinds() []string {
	return []string{"latency", "bandwidth", "limit_data", "reset_peer", "slicer", "timeout"}
}

// Latency delays everything by about that much.
func Latency(d Direction, by, jitter time.Duration) Toxic {
	return Toxic{Type: "latency", Stream: d, Attributes: map[string]int{"latency": int(by.Milliseconds()), "jitter": int(jitter.Milliseconds())}}
}

// Slow carries that many kB (1,000 bytes) a second.
func Slow(d Direction, rate int) Toxic {
	return Toxic{Type: "bandwidth", Stream: d, Attributes: map[string]int{"rate": rate}}
}

// CutAfter ends each connection after that many bytes, of which the last ones may
// be lost.
func CutAfter(d Direction, bytes int) Toxic {
	return Toxic{Type: "limit_data", Stream: d, Attributes: map[string]int{"bytes": bytes}}
}

// Reset resets each connection after that time, and drops what is on its way.
func Reset(d Direction, after time.Duration) Toxic {
	return Toxic{Type: "reset_peer", Stream: d, Attributes: map[string]int{"timeout": int(after.Milliseconds())}}
}

// Crumble cuts what is sent into pieces of about that many bytes, with a pause
// after each.
func Crumble(d Direction, size int, pause time.Duration) Toxic {
	return Toxic{Type: "slicer", Stream: d, Attributes: map[string]int{"average_size": size, "size_variation": size / 2, "delay": int(pause.Microseconds())}}
}

// Swallow takes everything and passes nothing on: the line is half open, for that
// long (0: for ever).
func Swallow(d Direction, lasting time.Duration) Toxic {
	return Toxic{Type: "timeout", Stream: d, Attributes: map[string]int{"timeout": int(lasting.Milliseconds())}}
}
