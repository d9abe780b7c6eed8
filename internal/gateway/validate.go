package gateway

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/relatingfield/vault/internal/config"
)

// How long secrets must be. Passwords are typed on phones; the others are pasted.
const (
	minPassword = 12
	minSecret   = 22
)

// exposure refuses what others on the line could read, unless it is spelled out.
func (l *loading) exposure() {
	l.certificate()
	host, port, err := net.SplitHostPort(l.s.Listen)
	if n, convErr := strconv.ParseUint(port, 10, 16); err != nil || convErr != nil || strconv.FormatUint(n, 10) != port {
		l.fault("listen", "is not an address and a port", "write it like 127.0.0.1:8090")
		return
	}
	if address, err := netip.ParseAddr(host); host == "localhost" || err == nil && address.IsLoopback() {
		return
	}
	if !l.s.IKnowThisIsPublic {
		l.fault("listen", "can be reached from other machines", "listen on 127.0.0.1 behind a proxy that speaks TLS, or set tls and i_know_this_is_public: true")
	}
}

// tools checks what names destinations, and reads the tools' secrets.
func (l *loading) tools() {
	users := map[string]bool{}
	for i := range l.s.Tella.Users {
		u := &l.s.Tella.Users[i]
		where := fmt.Sprintf("tella.users[%d]", i)
		l.name(where, u.Name, users)
		u.password = l.secret(where+".password", u.Password, minPassword)
	}
	slugs := map[string]bool{}
	for i, p := range l.s.Tella.Projects {
		where := fmt.Sprintf("tella.projects[%d]", i)
		l.name(where, p.Slug, slugs)
		l.destination(where, p.To)
		if p.Name == "" {
			l.fault(where+".name", "is empty", "give it a neutral name: it shows on phones")
		}
		if len(p.Users) == 0 {
			l.fault(where+".users", "is empty", "name the users who may send to it")
		}
		for _, u := range p.Users {
			if !users[u] {
				l.fault(where+".users", "names somebody who is not in tella.users", "add the user, or leave it out")
			}
		}
	}
	l.hooks("kobo", l.s.Kobo)
	l.hooks("forms", l.s.Forms)
	if len(l.s.Tella.Projects)+len(l.s.Kobo)+len(l.s.Forms) == 0 {
		l.fault("tella, kobo, forms", "are all empty", "say for which tool this gateway is")
	}
}

func (l *loading) hooks(what string, all []Hook) {
	seen := map[string]bool{}
	for i := range all {
		where := fmt.Sprintf("%s[%d]", what, i)
		l.name(where, all[i].Name, seen)
		l.destination(where, all[i].To)
		all[i].secret = l.secret(where+".secret", all[i].Secret, minSecret)
	}
}

func (l *loading) destination(where, name string) {
	if !slices.ContainsFunc(l.s.Destinations, func(d Destination) bool { return d.Name == name }) {
		l.fault(where+".to", "is not the name of a destination", "name one of destinations")
	}
}

func (l *loading) limits() {
	s := l.s.Limits
	between(l, "limits.room", s.Room, 16*config.MiB, 64*config.TiB)
	between(l, "limits.item", s.Item, config.MiB, 8*config.GiB-64*config.MiB)
	between(l, "limits.text", s.Text, 64*config.KiB, 64*config.MiB)
	between(l, "limits.requests", s.Requests, 1, 10_000)
	between(l, "limits.uploads", s.Uploads, 1, 1000)
	between(l, "limits.unfinished", s.Unfinished, 10*time.Minute, 30*24*time.Hour)
	between(l, "limits.remember", s.Remember, 2, 3650)
	between(l, "limits.min_bytes_per_second", s.MinBytesPerSecond, 1, config.MiB)
	between(l, "limits.stall", s.Stall, 5*time.Second, 10*time.Minute)
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, l.s.Log.Level) {
		l.fault("log.level", "is unknown", "set it to debug, info, warn or error")
	}
	if !slices.Contains([]string{"text", "json"}, l.s.Log.Format) {
		l.fault("log.format", "is unknown", "set it to text or json")
	}
}

func between[T int | config.Size | config.Days | time.Duration](l *loading, where string, v, least, most T) {
	if v < least || v > most {
		l.fault(where, fmt.Sprintf("is %v", v), fmt.Sprintf("set it to %v at least and %v at most", least, most))
	}
}
