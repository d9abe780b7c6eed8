package report

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Demand is what the vault holds about one account.
type Demand struct {
	Account id.Thumbprint
	Rows    []Row    // tables by name
	Acts    []Act    // what the account has signed, as the operator can read it
	Events  []Event  // what happened to its testimonies, as the operator can read it
	Lines   []string // of the journal of restrictions, where one was searched
	Objects int64    // pieces of payloads in the object store, sealed
	Bytes   int64    // of them
}

// Row is one row that names the account, or what hangs on it.
type Row struct {
	Table string
	Cells []store.Cell
}

// Act is a statement of the account.
type Act struct {
	Seq       int64         `json:"seq"`
	Day       int64         `json:"day"`
	Act       statement.Act `json:"act"` // empty where the testimony was erased
	Statement string        `json:"statement,omitempty"`
}

// Event is an entry of the feed of one of its testimonies.
type Event struct {
	Testimony id.ID `json:"testimony"`
	custody.Event
}

// Source is where Ask looks.
type Source struct {
	DB     *store.DB
	Keys   shred.Keys
	Ledger *ledger.Ledger
}

// rounds is how often everything is searched again for what was found to hang on the
// account: more than any chain of such things is long.
const rounds = 8

// page is how many statements or events are read at a time.
const page = 500

// Ask gathers what is stored about the account. One that the vault does not know has
// no rows. The rows are one snapshot; acts and events are read behind it.
func (s Source) Ask(ctx context.Context, account id.Thumbprint) (Demand, error) {
	out := Demand{Account: account}
	found := newFinds(account)
	err := s.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		found = newFinds(account)
		out.Rows, err = s.rows(ctx, tx, found)
		return err
	})
	if err != nil {
		return out, fmt.Errorf("ask about an account: %w", err)
	}
	out.measure()
	if out.Acts, err = s.acts(ctx, account, accepted(out.Rows)); err != nil {
		return out, fmt.Errorf("ask about an account: %w", err)
	}
	if out.Events, err = s.events(ctx, account, out.Rows); err != nil {
		return out, fmt.Errorf("ask about an account: %w", err)
	}
	return out, nil
}

// rows searches all tables until nothing new hangs on the account.
func (s Source) rows(ctx context.Context, tx store.Tx, found *finds) ([]Row, error) {
	tables, err := s.DB.Relations(ctx, tx)
	if err != nil {
		return nil, err
	}
	for range rounds {
		names, keys := found.fresh()
		if len(names)+len(keys) == 0 {
			return found.sorted(tables), nil
		}
		for _, t := range tables {
			err := store.Naming(ctx, tx, t, names, keys, func(row []store.Cell) error { found.add(t, row); return nil })
			if err != nil {
				return nil, err
			}
		}
	}
	return nil, fmt.Errorf("after %d rounds there is still more: hang on fewer things, or search deeper", rounds)
}

// measure counts the pieces of payloads.
func (d *Demand) measure() {
	for _, r := range d.Rows {
		if r.Table == "pieces" {
			n, _ := strconv.ParseInt(r.Value("length"), 10, 64)
			d.Objects, d.Bytes = d.Objects+1, d.Bytes+n
		}
	}
}

// Value is what the row has in a column of text or number.
func (r Row) Value(column string) string {
	for _, c := range r.Cells {
		if c.Column.Name == column {
			return c.Text
		}
	}
	return ""
}

// accepted are the days on which statements were accepted, by their places in the chain.
func accepted(rows []Row) map[string]int64 {
	out := map[string]int64{}
	for _, r := range rows {
		if r.Table == "statements" {
			out[r.Value("iss")+" "+r.Value("seq")], _ = strconv.ParseInt(r.Value("day"), 10, 64)
		}
	}
	return out
}

func (s Source) acts(ctx context.Context, account id.Thumbprint, days map[string]int64) (out []Act, err error) {
	for after := int64(0); ; {
		var entries []statement.Entry
		err := s.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			entries, err = s.Ledger.Entries(ctx, tx, account, after, page)
			return err
		})
		if err != nil || len(entries) == 0 {
			return out, err
		}
		for _, e := range entries {
			after = e.Seq
			out = append(out, actOf(e, days[string(account)+" "+strconv.FormatInt(e.Seq, 10)]))
		}
	}
}

func actOf(e statement.Entry, day int64) Act {
	out := Act{Seq: e.Seq, Day: day, Statement: e.Compact}
	if s, err := statement.Parse(e.Compact); err == nil {
		out.Act = s.Act()
	}
	return out
}

func (s Source) events(ctx context.Context, account id.Thumbprint, rows []Row) (out []Event, err error) {
	feed := custody.Feed{DB: s.DB, Keys: s.Keys}
	for _, r := range rows {
		if r.Table != "testimonies" || r.Value("erased") != "0" || r.Value("owner") != string(account) {
			continue
		}
		t := id.ID(r.Value("id"))
		for after := int64(0); ; {
			list, _, err := feed.Read(ctx, account, t, after, page)
			if err != nil {
				return out, err
			}
			if len(list) == 0 {
				break
			}
			for _, e := range list {
				after = e.Seq
				out = append(out, Event{t, e})
			}
		}
	}
	return out, nil
}

// Names are all names by which the journal could mean the account or what hangs on it.
func (d Demand) Names() []string {
	found := newFinds(d.Account)
	for _, r := range d.Rows {
		found.hang(r)
	}
	var out []string
	for n := range found.names {
		out = append(out, n)
	}
	return out
}

// Search keeps the records of the journal of restrictions that mean the account.
func (d *Demand) Search(place journal.Place) error {
	names := d.Names()
	return place.Bodies(func(_ string, body []byte) error {
		for _, n := range names {
			if strings.Contains(string(body), n) {
				d.Lines = append(d.Lines, string(body))
				break
			}
		}
		return nil
	})
}
