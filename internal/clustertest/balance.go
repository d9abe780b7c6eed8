package clustertest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/relatingfield/vault/api"
)

// Balance sends each request to another node, and none to one that gave no answer
// until it is ready again: what a proxy with a health check does. It repeats nothing
// by itself: only a client knows whether a request may be sent again.
type Balance struct {
	nodes []string
	wire  *http.Transport

	mu       sync.Mutex
	next     int
	down     map[int]bool
	statuses map[int]int
	served   []int          // answers by node
	unheard  map[string]int // by idempotency key: how often there was no answer
	faults   []string
}

// NewBalance is for nodes at host:port.
func NewBalance(nodes []string) *Balance {
	wire := http.DefaultTransport.(*http.Transport).Clone()
	wire.MaxIdleConnsPerHost, wire.DisableCompression = 32, true
	return &Balance{nodes: nodes, wire: wire, down: map[int]bool{}, statuses: map[int]int{}, served: make([]int, len(nodes)), unheard: map[string]int{}}
}

// Client is an HTTP client of the vault as a whole.
func (b *Balance) Client() *http.Client { return &http.Client{Transport: b} }

// RoundTrip implements http.RoundTripper.
func (b *Balance) RoundTrip(req *http.Request) (*http.Response, error) {
	node := b.pick()
	sent := req.Clone(req.Context())
	sent.URL.Scheme, sent.URL.Host, sent.Host = "http", b.nodes[node], req.URL.Host
	resp, err := b.wire.RoundTrip(sent)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		if req.Context().Err() == nil {
			b.lost(req, node)
		}
		return nil, err
	}
	b.served[node]++
	b.statuses[resp.StatusCode]++
	switch {
	case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") == "":
		b.faults = append(b.faults, fmt.Sprintf("%s %s: 503 without Retry-After", req.Method, req.URL.Path))
	case resp.StatusCode >= 500 && resp.StatusCode != http.StatusServiceUnavailable:
		b.faults = append(b.faults, fmt.Sprintf("%s %s: %s", req.Method, req.URL.Path, resp.Status))
	}
	return resp, nil
}

// lost needs b.mu.
func (b *Balance) lost(req *http.Request, node int) {
	if key := req.Header.Get(api.HeaderIdempotencyKey); key != "" {
		b.unheard[key]++
	}
	if !b.down[node] {
		b.down[node] = true
		go b.watch(node)
	}
}

func (b *Balance) pick() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.nodes {
		b.next = (b.next + 1) % len(b.nodes)
		if !b.down[b.next] {
			break
		}
	}
	return b.next
}

// watchTime bounds how long a node is waited for.
const watchTime = 2 * time.Minute

// watch waits until a node that was down is ready.
func (b *Balance) watch(node int) {
	ctx, cancel := context.WithTimeout(context.Background(), watchTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil && b.Ready(ctx, node) != http.StatusOK {
		<-tick.C
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.down, node)
}

// Ready is the status of a node's readiness, 0 when it does not answer.
func (b *Balance) Ready(ctx context.Context, node int) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.nodes[node]+"/readyz", nil)
	if err != nil {
		return 0
	}
	resp, err := b.wire.RoundTrip(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// Served is how many answers came from each node.
func (b *Balance) Served() []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.served)
}

// Statuses is how often which status was answered.
func (b *Balance) Statuses() map[int]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.statuses)
}

// Repeated says how many requests had to be sent again because there was no answer,
// and how often at most for one.
func (b *Balance) Repeated() (requests, most int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.unheard {
		most = max(most, n)
	}
	return len(b.unheard), most
}

// Faults are answers that no disturbance excuses.
func (b *Balance) Faults() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.faults)
}
