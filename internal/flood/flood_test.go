package flood_test

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/flood"
)

// world is a guard with a clock that a test moves.
type world struct {
	*flood.Guard
	at time.Time
}

func newWorld(t *testing.T, change ...func(*flood.Config)) *world {
	t.Helper()
	w := &world{at: time.Unix(1_800_000_000, 0)}
	cfg := flood.Config{
		Rates: map[flood.Kind]flood.Rate{flood.SignIn: {PerSecond: 8, Work: 14}, flood.Look: {PerSecond: 8}},
		Most:  20, Share: 8, Forget: 10 * time.Minute, Rand: rand.Reader, Tick: func() time.Time { return w.at },
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if w.Guard, err = flood.New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

// taken is how many of so many tries went well.
func (w *world) taken(kind flood.Kind, from string, tries int) (n int) {
	for range tries {
		if w.Take(kind, addr(from)) {
			n++
		}
	}
	return n
}

func addr(s string) netip.Addr {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a
}

// One network uses up its own share and leaves the rest to others, whichever of its
// addresses it asks from.
func TestOneNetworkLeavesTheRestToOthers(t *testing.T) {
	w := newWorld(t)
	if n := w.taken(flood.Look, "203.0.113.7", 100) + w.taken(flood.Look, "203.0.113.250", 100); n != 10 {
		t.Errorf("a network got %d, want its 10", n)
	}
	if n := w.taken(flood.Look, "2001:db8:1::1", 100) + w.taken(flood.Look, "2001:db8:1:ffff::1", 100); n != 10 {
		t.Errorf("a network of IPv6 got %d, want its 10", n)
	}
	if n := w.taken(flood.Look, "::ffff:203.0.113.9", 5); n != 0 {
		t.Errorf("it got %d more by another spelling", n)
	}
	if !w.Take(flood.Look, addr("198.51.100.1")) {
		t.Error("another network got nothing")
	}
}

// Addresses that everybody has tell nobody apart: all of the shared bucket is there for
// whoever comes over them.
func TestAnAddressThatEverybodyHasIsNoNetwork(t *testing.T) {
	proxy := func(c *flood.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} }
	for _, from := range []string{"127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd00::1", "fe80::1", "192.0.2.9", "none"} {
		if n := newWorld(t, proxy).taken(flood.Look, from, 200); n != 80 {
			t.Errorf("%s got %d, want all 80", from, n)
		}
	}
}

// No kind takes from another, and buckets fill again.
func TestKindsHaveBucketsOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.taken(flood.Look, "127.0.0.1", 1000)
	if n := w.taken(flood.SignIn, "127.0.0.1", 1000); n != 80 {
		t.Errorf("another kind got %d, want 80", n)
	}
	w.at = w.at.Add(2 * time.Second)
	if n := w.taken(flood.Look, "127.0.0.1", 1000); n != 16 {
		t.Errorf("after two seconds there were %d, want 16", n)
	}
	if !w.Take("a kind without measure", addr("127.0.0.1")) {
		t.Error("what is not measured is let through")
	}
}

// Where there is enough for everybody nobody works; where there is not, work is asked
// for, and asking in vain makes it no harder.
func TestWorkIsAskedForInACrowdOnly(t *testing.T) {
	w := newWorld(t)
	here := addr("127.0.0.1")
	if bits := w.Ask(flood.SignIn, here); bits != 0 {
		t.Errorf("%d bits without a crowd", bits)
	}
	w.taken(flood.SignIn, "127.0.0.1", 100_000)
	if bits := w.Ask(flood.SignIn, here); bits != 14 {
		t.Errorf("%d bits in a crowd, want 14", bits)
	}
	w.at = w.at.Add(20 * time.Second)
	if bits := w.Ask(flood.SignIn, here); bits != 0 {
		t.Errorf("%d bits when the crowd has gone", bits)
	}
}

// What is paid makes it dearer, up to a bound, and that passes.
func TestWorkGrowsWithWhatIsPaid(t *testing.T) {
	w := newWorld(t)
	last := w.Bits(flood.SignIn)
	for range 20 {
		for range 800 {
			w.Paid(flood.SignIn)
		}
		bits := w.Bits(flood.SignIn)
		if bits < last || bits > 20 {
			t.Fatalf("%d bits after %d", bits, last)
		}
		last = bits
	}
	if last <= 14 {
		t.Errorf("work costs %d bits however much is paid", last)
	}
	w.at = w.at.Add(time.Hour)
	if bits := w.Bits(flood.SignIn); bits != 14 {
		t.Errorf("an hour later it is %d bits, want 14", bits)
	}
}

// A name that was good lately is let in whoever else asks, and forgotten after two
// spans.
func TestAGoodNameIsLetIn(t *testing.T) {
	w := newWorld(t)
	w.taken(flood.Look, "127.0.0.1", 1000)
	w.Good(flood.Look, "phone")
	here := addr("127.0.0.1")
	for _, c := range []struct {
		after time.Duration
		in    bool
	}{{0, true}, {11 * time.Minute, true}, {11 * time.Minute, false}} {
		w.at = w.at.Add(c.after)
		w.taken(flood.Look, "127.0.0.1", 1000)
		if got := w.TakeAs(flood.Look, "phone", here); got != c.in {
			t.Errorf("%s later: %v, want %v", c.after, got, c.in)
		}
	}
	if w.TakeAs(flood.Look, "another", here) || w.TakeAs(flood.Look, "", here) {
		t.Error("a name that nobody knows was let in")
	}
}

// A network is forgotten with the secret.
func TestNetworksAreForgotten(t *testing.T) {
	w := newWorld(t)
	w.taken(flood.Look, "203.0.113.7", 100)
	w.at = w.at.Add(10 * time.Minute)
	if n := w.taken(flood.Look, "203.0.113.7", 100); n != 10 {
		t.Errorf("it got %d, want 10", n)
	}
}

// Memory is bounded: beyond the bound networks are not told apart, and none is locked
// out.
func TestManyNetworksTakeNoMoreMemory(t *testing.T) {
	w := newWorld(t, func(c *flood.Config) { c.Rates[flood.Look] = flood.Rate{PerSecond: 100_000} })
	for i := range 70_000 {
		if !w.Take(flood.Look, netip.AddrFrom4([4]byte{11 + byte(i>>16), byte(i >> 8), byte(i), 1})) {
			t.Fatalf("network %d was locked out", i)
		}
	}
}

// Work is good once.
func TestWorkIsGoodOnce(t *testing.T) {
	w := newWorld(t)
	if !w.Once("a") || w.Once("a") || !w.Once("b") {
		t.Error("not once")
	}
	w.at = w.at.Add(4 * time.Minute)
	if w.Once("a") {
		t.Error("it is good again while its challenge may live")
	}
}

// A key has its own measure, and no other's.
func TestAKeyHasItsOwnMeasure(t *testing.T) {
	w := newWorld(t)
	c := w.NewCallers(1)
	for i := range 11 {
		if got := c.Take("a"); got != (i < 10) {
			t.Errorf("request %d: %v", i+1, got)
		}
	}
	if !c.Take("b") {
		t.Error("another key")
	}
	w.at = w.at.Add(time.Second)
	if !c.Take("a") || c.Take("a") {
		t.Error("one a second")
	}
}

// A guard that there is not lets everything through.
func TestNoGuardIsNoMeasure(t *testing.T) {
	var g *flood.Guard
	g.Good(flood.Phone, "x")
	g.Paid(flood.SignIn)
	if !g.Take(flood.Look, netip.Addr{}) || g.Ask(flood.SignIn, netip.Addr{}) != 0 || g.Bits(flood.Enrol) != 0 || !g.Once("x") || !g.TakeAs(flood.Phone, "x", netip.Addr{}) {
		t.Error("it measures")
	}
	if g.NetworkOf(nil) != "" || !g.NewCallers(1).Take("a") {
		t.Error("it measures")
	}
}

// What a guard holds shows no address, however it is printed.
func TestAGuardHoldsNoAddress(t *testing.T) {
	w := newWorld(t)
	w.taken(flood.Look, "203.0.113.77", 5)
	w.Good(flood.Phone, "marked-name")
	if text := fmt.Sprintf("%+v", w.Guard); len(text) == 0 || strings.Contains(text, "203.0.113") || strings.Contains(text, "marked") {
		t.Error("it holds what it was told")
	}
}
