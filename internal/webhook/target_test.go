package webhook_test

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/webhook"
)

func strict() webhook.Rules {
	return webhook.Rules{Ports: []int{443, 8443}, Refuse: []netip.Prefix{netip.MustParsePrefix("198.41.0.0/24"), netip.MustParsePrefix("2001:4860::/32")}}
}

// An endpoint is https to a public name at a port that is allowed, and nothing else.
func TestTargetsAreHTTPSToPublicNames(t *testing.T) {
	for _, good := range []string{
		"https://hooks.example.org", "https://hooks.example.org/", "https://hooks.example.org/a/b?token=x&y=%D8%A7", "https://hooks.example.org:8443/", "https://xn--mgba3a4f16a.example.org/x",
		"https://1.2.3.4.example.org/",
	} {
		if _, err := strict().ParseTarget(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "hooks.example.org", "//hooks.example.org", "http://hooks.example.org/", "ftp://hooks.example.org", "file:///etc/passwd", "gopher://hooks.example.org", "HTTPS://hooks.example.org/", "https:hooks.example.org",
		"https://", "https:///x", "https://user@hooks.example.org/", "https://user:pw@hooks.example.org/", "https://@hooks.example.org/", "https://hooks.example.org/#a", "https://hooks.example.org/#",
		"https://hooks.example.org:443/", "https://hooks.example.org:/", "https://hooks.example.org:22/", "https://hooks.example.org:08443/", "https://hooks.example.org:8443x/", "https://hooks.example.org:-1/", "https://hooks.example.org:99999/",
		"https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.0.0.1./", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://93.184.216.34/", "https://[2606:4700::1]/",
		"https://localhost/", "https://vault/", "https://printer.local/", "https://db.internal/", "https://a.localhost/", "https://x.onion/", "https://1.0.0.127.in-addr.arpa/", "https://x.lan/", "https://x.corp/", "https://x.home/",
		"https://Hooks.example.org/", "https://hooks.example.org./", "https://hooks..example.org/", "https://-hooks.example.org/", "https://hooks_.example.org/", "https://hooks.example.org\\@evil.example/", "https://hooks.example.org /", "https://hooks.example.org/ü",
		"https://hooks.example.org/\n", "https://hooks.example.org\r\nHost: x/", "https://hooks.example.org/%zz", "https://" + strings.Repeat("a.", 130) + "example.org/", "https://hooks.example.org/" + strings.Repeat("a", 1024),
	} {
		_, err := strict().ParseTarget(bad)
		if !errors.Is(err, webhook.ErrTarget) {
			t.Errorf("%q: %v", bad, err)
		}
		if err != nil && len(bad) > 12 && strings.Contains(err.Error(), bad) {
			t.Errorf("the refusal repeats %q", bad)
		}
	}
	local := strict()
	local.Local = true
	for _, good := range []string{"http://127.0.0.1:4000/x", "https://localhost:4000/", "http://[::1]:4000/"} {
		if _, err := local.ParseTarget(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"http://hooks.example.org/", "http://10.0.0.1/", "ftp://127.0.0.1/", "http://127.0.0.1@hooks.example.org/", "http://0.0.0.0/", "http://[::]/"} {
		if _, err := local.ParseTarget(bad); err == nil {
			t.Errorf("%q is local", bad)
		}
	}
}

// Whatever is accepted is https, without credentials, to a name that is no address, and
// is the same address when it is read again.
func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"https://hooks.example.org/a?b=c", "https://a@b.example:8443/", "https://[::1]/", "https://0x7f.1/", "https://x.example.org\\y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := strict().ParseTarget(s)
		if err != nil {
			if !errors.Is(err, webhook.ErrTarget) {
				t.Fatal(err)
			}
			return
		}
		again, err := url.Parse(u.String())
		if err != nil || u.String() != s || again.Scheme != "https" || again.User != nil || again.Fragment != "" || again.Host != u.Host {
			t.Fatalf("%q: %v", s, err)
		}
		if _, err := netip.ParseAddr(u.Hostname()); err == nil || !strings.Contains(u.Hostname(), ".") {
			t.Fatalf("%q is an address", s)
		}
	})
}

// Only what is globally reachable is public, in whatever way an address is written.
func TestOnlyPublicAddressesAreReached(t *testing.T) {
	for _, good := range []string{"93.184.216.34", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.3.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2001:200::1"} {
		if !strict().Allows(netip.MustParseAddr(good)) {
			t.Errorf("%s is refused", good)
		}
	}
	for _, bad := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.170", "192.0.2.1",
		"192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "198.41.0.4",
		"::", "::1", "::127.0.0.1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
		"2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:c0a8:101::1", "3fff::1", "5f00::1", "2620:4f:8000::1", "4000::1",
		"2606:4700::5efe:192.168.1.1", "2606:4700::200:5efe:10.0.0.1", "2001:4860::8888",
	} {
		if strict().Allows(netip.MustParseAddr(bad)) {
			t.Errorf("%s is public", bad)
		}
	}
	if strict().Allows(netip.Addr{}) {
		t.Error("no address is public")
	}
}
