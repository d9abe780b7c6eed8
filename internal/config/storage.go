package config

import (
	"net/url"
	"slices"
	"strings"
)

// checkStore is about the database. Faults never repeat the connection string.
func (c Config) checkStore(f *Faults) {
	oneOf(f, "store.engine", c.Store.Engine, SQLite, Postgres)
	given := c.Store.URL.Len() > 0
	switch {
	case c.Store.Engine == SQLite && given:
		f.add("store.url", "is set, but the engine is sqlite", "set store.engine to postgres, or unset the URL")
	case c.Store.Engine == Postgres && !given:
		f.add("store.url", "is missing", "set TESTIMONYD_STORE_URL, or name a file that holds it in store.url_file")
	case c.Store.Engine == Postgres:
		c.checkDatabaseLine(f)
	}
	if c.Store.Engine == Postgres && c.Store.Path != "" {
		f.add("store.path", "is set, but the engine is postgres", "leave it out, or set store.engine to sqlite")
	}
}

// checkDatabaseLine refuses a line on which somebody could read along or answer
// in the database's place. Who signs in when is on it, though no content is.
func (c Config) checkDatabaseLine(f *Faults) {
	u, err := url.Parse(string(c.Store.URL.Reveal()))
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		f.add("store.url", "is not a connection URL", "write it like postgres://user:password@host/database?sslmode=verify-full")
		return
	}
	if c.Store.IKnowTheDatabaseLineIsOpen || u.Query().Get("sslmode") == "verify-full" || staysHere(u) {
		return
	}
	f.add("store.url", "the line to the database is neither encrypted nor verified for certain",
		"add sslmode=verify-full to it, or set store.i_know_the_database_line_is_open: true if something else protects that line")
}

// staysHere reports a database that is on this machine for certain: every host
// is named, and is a socket or a loopback address. Without a host the driver
// would ask its own environment variables, and a service file could say anything.
func staysHere(u *url.URL) bool {
	query := u.Query()
	if query.Has("service") || query.Has("servicefile") {
		return false
	}
	var hosts []string
	for _, list := range []string{u.Host, query.Get("host"), query.Get("hostaddr")} {
		if list != "" {
			hosts = append(hosts, strings.Split(list, ",")...)
		}
	}
	elsewhere := func(host string) bool {
		return !strings.HasPrefix(host, "/") && !isLoopback(host) && !isLoopback((&url.URL{Host: host}).Hostname())
	}
	return len(hosts) > 0 && !slices.ContainsFunc(hosts, elsewhere)
}
