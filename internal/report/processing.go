package report

import (
	"cmp"
	"io"
	"time"
)

// Settings are those of a vault's settings that say what happens to data.
type Settings struct {
	Origin    string // the first address; empty: none
	Listen    string
	OnArrival bool
	Enrolment string // open, code or partners
	PerDay    int
	Postgres  bool
	Objects   string   // where payloads are: "a folder" or "a bucket"
	Second    string   // the same of the second copy, or "none"
	Buckets   []string // addresses of object stores on other machines
	Collector string   // address of a collector of traces; empty: none
	Fixity    int      // days in which everything is read once

	Uploads, Items, Tray, Forms, Phones, Tokens, Orphans time.Duration // see Retention
	Webhooks, Journal, Backups                           int           // days
}

// Processing writes the record of processing activities (GDPR article 30, or what
// stands in its place elsewhere) of a vault that runs with these settings, as
// Markdown. What follows from settings is said; the rest is marked.
func Processing(w io.Writer, c Settings, now time.Time) error {
	p := &printer{w: w}
	p.line("# Record of processing\n")
	p.line("Made on %s by `testimonyd report processing` from the settings in force. Make it anew when they change. %s is for the operator", now.UTC().Format(time.DateOnly), Operator)
	p.line("to fill in, %s for a lawyer to decide.\n", Counsel)
	responsible(p, c)
	p.table("## What for\n", []string{"Purpose", "Whose data", "On what ground"}, purposes())
	p.table("## What is stored\n", []string{"What", "About whom", "In which form", "Who can read it"}, categories(c))
	p.table("## Who receives it\n", []string{"Who", "What", "When"}, receivers(c))
	p.table("## How long\n", []string{"What", "Until", "Setting"}, Retention(c))
	p.table("## How it is protected\n", []string{"Measure", "Here"}, measures(c))
	p.line("## Rights\n")
	p.line("She uses them herself, with her words, at any hour and without asking anybody: see (`testimony list`, `feed`, `readers`), take along (`takeout`),")
	p.line("correct (a new part; the old one erased), restrict (`pause`), object and withdraw (`revoke`, `withdraw`), be forgotten (`erase`). The operator can do none of")
	p.line("it for her and cannot tell who she is: a request by letter is answered with that, and with how to do it. Researchers, stewards and officers of partners are")
	p.line("known by name to the stewards, and write to %s.", Operator)
	return p.err
}

func (p *printer) table(title string, head []string, rows [][]string) {
	p.line("%s", title)
	p.row(head)
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---"
	}
	p.row(rule)
	for _, r := range rows {
		p.row(r)
	}
	p.line("")
}

func (p *printer) row(cells []string) {
	line := "|"
	for _, c := range cells {
		line += " " + c + " |"
	}
	p.line("%s", line)
}

func responsible(p *printer, c Settings) {
	p.table("## Who answers for it\n", []string{"", ""}, [][]string{
		{"The vault", cmp.Or(c.Origin, Operator)},
		{"Controller, with address", Operator + "; alone, or together with the stewards' organisations: " + Counsel},
		{"Representative, data protection officer", Operator + " " + Counsel},
		{"Country, and authority in charge", Operator + " " + Counsel},
	})
}

func purposes() [][]string {
	return [][]string{
		{"keeping testimonies safe for those who gave them", "participants, and people they speak of", "explicit consent by enrolling and telling; special categories: " + Counsel},
		{"letting named researchers open what each was granted", "participants; researchers", "explicit consent, one signed statement for each reader, part, purpose and term; it can be taken back"},
		{"showing her every opening", "researchers", "the researcher's application says so; " + Counsel},
		{"vouching for researchers, and agreeing with partners", "researchers, stewards, officers of partners", "their own application or office; " + Counsel},
		{"keeping the service up and unabused", "everybody who sends a request", "no identity is stored; " + Counsel},
	}
}

func categories(c Settings) [][]string {
	out := [][]string{
		{"what she said: text, voice, pictures, titles, names of files", "participants, people they speak of", "age files to her key and her readers', lengths padded", "she, and whom she granted; nobody here"},
		{"accounts: a hash of a key, role, day of enrolling", "everybody with an account", "readable", "the operator"},
		{"signed acts: grants, terms, withdrawals, with their days", "participants, researchers", "sealed under a key that erasing destroys, which lies in the same database", "the operator, as long as the testimony stands"},
		{"openings: which reader, which part, the second", "researchers; by that, participants", "readable", "the operator, and she"},
		{"applications: name, institution, purpose", "researchers", "readable, signed", "the operator, stewards, everybody who grants"},
		{"agreements: name of the organisation, officers' accounts, keys of programs", "partners", "readable, signed", "the operator, stewards"},
		{"trustees, pauses, who lost words", "participants, trustees", "accounts and days readable; shares sealed to trustees", "the operator, except the shares"},
		{"the journal of restrictions", "whoever restricted something", "ids, accounts, days, her statements that restrict", "the operator"},
		{"the process log", "nobody: method, route, status, duration", "readable", "the operator"},
	}
	if c.OnArrival {
		out = append(out, []string{"plaintext that the server seals while it arrives (`on_arrival.enabled`)", "participants", "in memory only, for the length of the transfer", "whoever controls the running machine in that moment"})
	}
	return out
}

func receivers(c Settings) [][]string {
	out := [][]string{
		{"researchers", "parts that they were granted", "from the day she says until the day she says, or until she takes it back"},
		{"partners", "the state of what they brought (waiting, taken, refused, expired, withdrawn), by opaque id and day", "as it changes; never content, never her account"},
		{"the provider of the machine, of the network", "ciphertext on disks; addresses and times on the line", Operator + "; contract of processing: " + Counsel},
	}
	if c.Postgres {
		out = append(out, []string{"whoever runs the PostgreSQL server", "everything in the database, as the operator sees it", Operator + "; country: " + Counsel})
	}
	if c.Collector != "" {
		out = append(out, []string{"whoever runs the collector of traces at " + c.Collector, "how long kinds of requests took, together for each window of time; nobody's name, id, address or size", Operator + "; country: " + Counsel})
	}
	for _, b := range c.Buckets {
		out = append(out, []string{"whoever runs the object store at " + b, "ciphertext, sizes, and the second of each write", Operator + "; country: " + Counsel})
	}
	return out
}
