package client

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// quietTransport says nothing about the device, and neither compresses (lengths
// of sealed things must stay what they are) nor waits for ever for an answer to
// begin. A body may take as long as the context allows.
func quietTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   30 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute,
		ExpectContinueTimeout: 2 * time.Second,
		IdleConnTimeout:       time.Minute,
		MaxIdleConnsPerHost:   4,
		DisableCompression:    true,
		ForceAttemptHTTP2:     true,
	}
}

// noRedirects gives a copy that follows none: a redirect would carry a request
// to an address that neither the card nor the proof of possession names.
func noRedirects(h *http.Client) *http.Client {
	quiet := *h
	quiet.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	quiet.Jar = nil
	return &quiet
}

// privateLine says whether plain http to the host stays on this machine or
// inside Tor, which encrypts to the service itself.
func privateLine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback() || strings.HasSuffix(strings.ToLower(host), ".onion")
}
