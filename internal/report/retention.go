package report

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/idempotency"
)

// Retention is the schedule of a vault with these settings: what, until when, and the
// setting that says so.
func Retention(c Settings) [][]string {
	const code = "in the program"
	return [][]string{
		{"testimonies, their acts and events", "she erases them, or the vault closes", "hers"},
		{"places and hashes of what was erased", "the account is the last that knows: they stay, without content ([threat model](../threat-model.md#what-remains-of-an-erased-testimony))", code},
		{"access of a reader", "the term that she set, or until she takes it back", "hers"},
		{"an upload that stands still", long(c.Uploads) + " after its last bytes", "`uploads.keep`"},
		{"what a partner brought and she has not taken", long(c.Items), "`trays.keep`"},
		{"a tray that takes things", long(c.Tray), "`trays.term`"},
		{"known repetitions of field forms", long(c.Forms), "`field_tools.remember`"},
		{"addresses of phones with field forms", long(c.Phones) + " at most", "`field_tools.term`"},
		{"invitations", long(account.InvitationTerm), code},
		{"kept answers to repeated requests", long(idempotency.Kept) + ", to the end of that day", code},
		{"access tokens, which are not stored", long(c.Tokens), "`tokens.ttl`"},
		{"webhooks and what partners were told", days(c.Webhooks), "`webhooks.keep`"},
		{"payloads that a crash left without a row", long(c.Orphans), "`gc.orphan_age`"},
		{"the journal of restrictions", days(c.Journal), "`journal.keep`"},
		{"backups, archived logs of the database, snapshots", days(c.Backups) + " at most; participants are told this number", "`backups.keep`"},
		{"the process log", Operator + "; it names nobody", "where it is kept"},
	}
}

// long says a duration as people do.
func long(d time.Duration) string {
	switch day := 24 * time.Hour; {
	case d%day == 0:
		return days(int(d / day))
	case d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	case d%time.Minute == 0:
		return plural(int(d/time.Minute), "minute")
	default:
		return d.String()
	}
}

func days(n int) string { return plural(n, "day") }

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}

func measures(c Settings) [][]string {
	return [][]string{
		{"encryption", "age to keys that are not here; the database, the object store, every secret of the server and all backups together open nothing"},
		{"sealing by the server", either(c.OnArrival, "on: such parts are marked for ever, and plaintext is in memory while it arrives", "off: the server never sees plaintext")},
		{"enrolling", fmt.Sprintf("`%s`, at most %d accounts in 24 hours; no name, address or number is asked for", c.Enrolment, c.PerDay)},
		{"vouching", "a researcher needs as many stewards as the roster says; accrediting opens nothing"},
		{"withdrawing", "ends within a second on every node; a journal outside the database keeps a restore from undoing it"},
		{"database", either(c.Postgres, "PostgreSQL, flushed before an answer", "SQLite in a file of this machine, flushed before an answer")},
		{"objects", c.Objects + "; second copy: " + c.Second + "; every one is read and compared once in " + days(c.Fixity)},
		{"what the network shows", either(reachable(c.Listen), "the server listens on `"+c.Listen+"` itself: who watches the line sees addresses and times", "the server listens on this machine only; the proxy in front must not log addresses")},
		{"tests", "each promise is attacked by tests that anybody can run: [what each promise rests on](../threat-model.md#what-each-promise-rests-on)"},
	}
}

func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// reachable tells whether other machines can connect to what listens there.
func reachable(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(host)
	return err != nil || !address.IsLoopback()
}
