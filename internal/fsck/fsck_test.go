package fsck_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/fsck"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// damage is one thing that can be wrong, how it is brought about, and what is found.
type damage struct {
	name   string
	fault  fsck.Fault
	sql    []string
	do     func(c *copied)
	mended bool // Repair puts it right, and finds nothing after that
	engine store.Engine
}

func damages() []damage { return slices.Concat(ofStores(), ofStatements(), ofCounts()) }

// Rows that plants are made of. Marks in them are filled in where they are planted.
const (
	trayRow = "INSERT INTO trays (id, account, code_sha256, closed, opened_day, until_day, items, bytes, partner) VALUES ('{0}', '{A}', {B}, 0, 0, 4000000000, 0, 0, {B})"
	keyRow  = "INSERT INTO shred_keys (testimony, shred_key) VALUES ('{0}', {B})"
	itemRow = "INSERT INTO tray_items (id, tray, account, arrived_day, until_day, length, payload_sha256, commitment, header_sha256, header, papers, payload) " +
		"VALUES ('baaaaaaaaaaaaaaaaaaaaaaaaa', '{0}', '{A}', 0, 4000000000, 1, {B}, {B}, {B}, {B}, {B}, {B})"
	deliveryRow = "INSERT INTO deliveries (item, partner, change, state, shown, brought_day, changed_day, length, note_sha256) VALUES ('{0}', 'p', 1, '$', '$', 0, 0, 1, {B})"
	roomRow     = "INSERT INTO partner_rooms (partner, bytes, changes) VALUES ('p', #, 1)"
	listedRow   = "INSERT INTO withdrawn_deliveries (item, account, day) VALUES ('{0}', '{A}', 0)"
	eventRow    = "INSERT INTO webhook_events (id, partner, type, subject, day, owed, told_day) VALUES ('{0}', 'p', 'consent.withdrawn', '{0}', 0, #, 0)"
	uploadRow   = "INSERT INTO uploads (testimony, n, header_sha256, nonce, length, classic, begun_day, moved_day, received, header) VALUES ('{T}', 9, {B}, {B}, 10, 0, 0, #, $, {B})"
	chargeRow   = "UPDATE accounts SET bytes = bytes + 10 WHERE id = '{A}'"
	pieceRow    = "INSERT INTO pieces (payload, from_b, length, blob, copied, checked_day) VALUES ('{0}', 0, 5, 'zaaaaaaaaaaaaaaaaaaaaaaaaa', 0, 0)"
)

func filled(text string, more ...string) string { return strings.NewReplacer(more...).Replace(text) }

func rooms(bytes string) string { return filled(roomRow, "#", bytes) }

// ofStores is what happens to stores, journals and payloads.
func ofStores() []damage {
	return []damage{
		{name: "a line is cut out of the journal", fault: fsck.JournalBroken, do: (*copied).shortenJournal},
		{name: "the journal is gone", fault: fsck.JournalBroken, do: func(c *copied) { must(c, os.RemoveAll(c.cfg.Journal.Dir)) }},
		{name: "a revoked grant stands", fault: fsck.JournalAhead, sql: []string{"UPDATE grants SET revoked_day = NULL WHERE id = '{E}'"}},
		{name: "a read is forgotten", fault: fsck.JournalAhead, sql: []string{"UPDATE grant_parts SET reads = 0 WHERE grant_id = '{G}'"}},
		{name: "an erased testimony stands", fault: fsck.JournalAhead, sql: []string{"UPDATE testimonies SET erased = 0 WHERE id = '{X}'"}},
		{name: "the founding roster is another", fault: fsck.RosterBroken, sql: []string{"UPDATE rosters SET document = {B}, sha256 = sha256"}},
		{name: "an object is gone", fault: fsck.ObjectMissing, do: func(c *copied) { must(c, os.Remove(c.file("blobs", "{P}"))) }},
		{name: "an object is shorter", fault: fsck.ObjectLength, do: func(c *copied) { must(c, os.Truncate(c.file("blobs", "{P}"), 7)) }},
		{name: "a bit of an object is another", fault: fsck.ObjectDamaged, do: func(c *copied) { c.flip(c.file("blobs", "{P}")) }},
		{name: "fixity found damage", fault: fsck.KnownDamage, sql: []string{"UPDATE pieces SET damage = 'damaged' WHERE blob = '{P}'"}},
		{name: "fixity found damage in a row", fault: fsck.KnownDamage, sql: []string{"UPDATE parts SET damage = 'damaged' WHERE n = 1"}},
		{name: "a crash left an object", fault: fsck.Orphan, mended: true, do: func(c *copied) { c.stray("blobs") }},
		{name: "a crash left an object in the second store", fault: fsck.CopyOrphan, mended: true, do: func(c *copied) { c.stray("second") }},
		{name: "a copy is gone", fault: fsck.CopyMissing, mended: true, do: func(c *copied) { must(c, os.Remove(c.file("second", "{S}"))) }},
		{name: "a copy is shorter", fault: fsck.CopyDamaged, mended: true, do: func(c *copied) { must(c, os.Truncate(c.file("second", "{S}"), 7)) }},
		{name: "a bit of a copy is another", fault: fsck.CopyDamaged, mended: true, do: func(c *copied) { c.flip(c.file("second", "{S}")) }},
		{name: "a copy counts and is not named", fault: fsck.CopyUnnamed, mended: true, sql: []string{"UPDATE pieces SET copied = 0 WHERE blob = '{P}'"}},
		{name: "a piece is gone", fault: fsck.PartIncomplete, sql: []string{"DELETE FROM pieces WHERE blob = '{P}'"}},
		{name: "a small payload is shorter", fault: fsck.PartIncomplete, sql: []string{"UPDATE parts SET payload = {B} WHERE n = 1 AND testimony = '{T}'"}},
		{name: "an upload counts what never came", fault: fsck.UploadIncomplete, sql: []string{filled(uploadRow, "#", "4000000000", "$", "5"), chargeRow}},
		{name: "an upload stands still", fault: fsck.UploadDead, mended: true, sql: []string{filled(uploadRow, "#", "0", "$", "0"), chargeRow}},
		{name: "an item has not its bytes", fault: fsck.ItemIncomplete, sql: []string{trayRow, keyRow, itemRow}},
		{name: "a piece begins in nowhere", fault: fsck.PieceGap, sql: []string{"UPDATE pieces SET from_b = 5 WHERE blob = '{P}'"}},
		{name: "a piece belongs to nothing", fault: fsck.PieceStray, sql: []string{pieceRow}},
		{name: "two parts name one payload", fault: fsck.PieceShared, sql: []string{"UPDATE parts SET blob = (SELECT payload FROM pieces WHERE blob = '{P}') WHERE n > 1"}},
		{name: "an object in use is to be deleted", fault: fsck.PieceDoomed, mended: true, sql: []string{"INSERT INTO doomed_blobs (blob, second, hold_s) VALUES ('{P}', 0, 0)"}},
		{name: "a copy in use is to be deleted", fault: fsck.PieceDoomed, mended: true, sql: []string{"INSERT INTO doomed_blobs (blob, second, hold_s) VALUES ('{S}', 1, 0)"}},
		{name: "a shred key is gone", fault: fsck.KeyMissing, sql: []string{"DELETE FROM shred_keys WHERE testimony = '{T}'"}},
		{name: "a tray's shred key is gone", fault: fsck.KeyMissing, sql: []string{trayRow}},
		{name: "an item's shred key is gone", fault: fsck.KeyMissing, sql: []string{trayRow, itemRow}},
		{name: "an erased testimony has a shred key", fault: fsck.KeyOfErased, sql: []string{"INSERT INTO shred_keys (testimony, shred_key) VALUES ('{X}', {B})"}},
		{name: "a shred key is of nothing", fault: fsck.KeyStray, sql: []string{keyRow}},
		{name: "an erased testimony has a feed", fault: fsck.LeftOfErased, sql: []string{"INSERT INTO events (testimony, seq, event) VALUES ('{X}', 1, {B})"}},
		{name: "a header does not open", fault: fsck.RowDamaged, sql: []string{"UPDATE parts SET header = {B} WHERE n = 1"}},
		{name: "a header is another's", fault: fsck.RowDamaged, sql: []string{"UPDATE grant_parts SET header = {B} WHERE grant_id = '{G}' AND n = 1"}},
		{name: "a card does not open", fault: fsck.RowDamaged, sql: []string{"UPDATE testimonies SET card = {B} WHERE id = '{T}'"}},
		{name: "a small payload is another", fault: fsck.RowDamaged, sql: []string{"UPDATE parts SET payload_sha256 = {B} WHERE n = 1 AND testimony = '{T}'"}},
	}
}

// ofStatements is what happens to feeds, chains and grants.
func ofStatements() []damage {
	return []damage{
		{name: "an event is gone", fault: fsck.CustodyBroken, sql: []string{"DELETE FROM events WHERE testimony = '{T}' AND seq = 2"}},
		{name: "the last event is gone", fault: fsck.CustodyBroken, sql: []string{"DELETE FROM events WHERE testimony = '{T}' AND seq = (SELECT MAX(seq) FROM events WHERE testimony = '{T}')"}},
		{name: "an event is another", fault: fsck.CustodyDamaged, sql: []string{"UPDATE events SET event = {B} WHERE testimony = '{T}' AND seq = 2"}},
		{name: "a statement is gone", fault: fsck.ChainBroken, sql: []string{"DELETE FROM statements WHERE iss = '{A}' AND seq = 2"}},
		{name: "a statement is empty", fault: fsck.ChainBroken, sql: []string{"UPDATE statements SET body = NULL WHERE testimony = '{T}' AND seq = 2"}},
		{name: "a statement is another", fault: fsck.ChainBroken, sql: []string{"UPDATE statements SET body = {B} WHERE iss = '{A}' AND seq = 1"}},
		{name: "a head is another", fault: fsck.ChainBroken, sql: []string{"UPDATE chains SET sha256 = {B} WHERE iss = '{A}'"}},
		{name: "a tail is cut off", fault: fsck.ChainLoose, sql: []string{"DELETE FROM statements WHERE iss = '{A}' AND seq = (SELECT seq FROM chains WHERE iss = '{A}')"}},
		{name: "a chain has no account", fault: fsck.ChainUnowned, sql: []string{"DELETE FROM applications", "DELETE FROM accreditations", "DELETE FROM accounts WHERE id = '{R}'"}},
		{name: "a chain goes on with a stranger's key", fault: fsck.ChainKey, sql: []string{"UPDATE chains SET key = 'k', signer = 'k' WHERE iss = '{A}'"}},
		{name: "an account has another key statement", fault: fsck.AccountUnbound, sql: []string{"UPDATE accounts SET key_sha256 = {B} WHERE id = '{A}'"}},
		{name: "a part is not what she signed", fault: fsck.PartUnsigned, sql: []string{"UPDATE parts SET commitment = {B} WHERE n = 2 AND testimony = '{T}'"}},
		{name: "a part she signed for is gone", fault: fsck.PartLost, sql: []string{"DELETE FROM parts WHERE n = 1 AND testimony = '{T}'"}},
		{name: "a grant lasts longer than she signed", fault: fsck.GrantUnsigned, sql: []string{"UPDATE grants SET until_s = until_s + 1 WHERE id = '{G}'"}},
		{name: "a grant may be read oftener", fault: fsck.GrantUnsigned, sql: []string{"UPDATE grants SET max_reads = 0 WHERE id = '{G}'"}},
		{name: "a grant is another's", fault: fsck.GrantUnsigned, sql: []string{"UPDATE grants SET grantee = '{A}' WHERE id = '{G}'"}},
		{name: "a grant has no statement", fault: fsck.GrantUnsigned, sql: []string{"UPDATE grants SET seq = 99 WHERE id = '{G}'"}},
		{name: "a grant she signed is gone", fault: fsck.GrantLost, sql: []string{"DELETE FROM openings", "DELETE FROM grant_parts WHERE grant_id = '{G}'", "DELETE FROM grants WHERE id = '{G}'"}},
		{name: "a grant stands on a part that is gone", fault: fsck.GrantLoose, sql: []string{"DELETE FROM parts WHERE n = 1 AND testimony = '{T}'"}},
		{name: "a grant waits for a policy that is gone", fault: fsck.GrantLoose, sql: []string{"UPDATE grants SET policy = '{0}' WHERE id = '{G}'"}},
		{name: "a grant's owner is another", fault: fsck.GrantLoose, sql: []string{"UPDATE grants SET owner = '{R}' WHERE id = '{G}'"}},
		{name: "an ended grant has its header", fault: fsck.HeaderLeft, mended: true, sql: []string{
			"UPDATE grant_parts SET header = (SELECT g.header FROM grant_parts AS g WHERE g.grant_id = '{G}' AND g.n = 1), " +
				"header_sha256 = (SELECT h.header_sha256 FROM grant_parts AS h WHERE h.grant_id = '{G}' AND h.n = 1) WHERE grant_id = '{E}' AND n = 1"}},
		{name: "a policy lacks its trustees", fault: fsck.PolicyBroken, sql: []string{
			"INSERT INTO policies (id, testimony, owner, seq, sha256, grantee, threshold, silence, wait) VALUES ('{0}', '{T}', '{A}', 1, {B}, '{R}', 2, 0, 0)"}},
	}
}

// ofCounts is what happens to counts, trays and webhooks.
func ofCounts() []damage {
	return []damage{
		{name: "grants are counted wrong", fault: fsck.GrantsMiscounted, mended: true, sql: []string{"UPDATE testimonies SET grants = 7 WHERE id = '{T}'"}},
		{name: "bytes are counted wrong", fault: fsck.BytesMiscounted, mended: true, sql: []string{"UPDATE accounts SET bytes = 7 WHERE id = '{A}'"}},
		{name: "testimonies are counted wrong", fault: fsck.OrdinalsBehind, mended: true, sql: []string{"UPDATE accounts SET testimonies = 0 WHERE id = '{A}'"}},
		{name: "a tray is counted wrong", fault: fsck.TrayMiscounted, mended: true, sql: []string{trayRow, keyRow, "UPDATE trays SET items = 7"}},
		{name: "a partner is counted wrong", fault: fsck.RoomMiscounted, mended: true, sql: []string{filled(deliveryRow, "$", "taken"), rooms("7")}},
		{name: "a partner is not counted", fault: fsck.RoomMiscounted, mended: true, sql: []string{filled(deliveryRow, "$", "taken")}},
		{name: "an item has no delivery", fault: fsck.ItemLoose, sql: []string{trayRow, keyRow, itemRow}},
		{name: "a delivery waits for nothing", fault: fsck.DeliveryLoose, sql: []string{filled(deliveryRow, "$", "waiting"), rooms("1")}},
		{name: "delivery notes of no part", fault: fsck.PapersLoose, sql: []string{"INSERT INTO part_papers (testimony, n, papers) VALUES ('{T}', 99, {B})"}},
		{name: "a collection's tray is another's", fault: fsck.CollectionLoose, sql: []string{trayRow, keyRow, "INSERT INTO collections (account, partner, tray, opened_day, until_day, statement) VALUES ('{R}', 'p', '{0}', 0, 4000000000, '')"}},
		{name: "a partner is not reminded", fault: fsck.WithdrawalUntold, sql: []string{filled(deliveryRow, "$", "withdrawn"), rooms("0"), listedRow}},
		{name: "a withdrawal is not in her list", fault: fsck.WithdrawalUnlisted, sql: []string{filled(deliveryRow, "$", "withdrawn"), rooms("0"), filled(eventRow, "#", "1")}},
		{name: "a webhook goes to another's endpoint", fault: fsck.HookLoose, sql: []string{filled(eventRow, "#", "0"),
			"INSERT INTO webhook_deliveries (endpoint, event, day, state, due_s, holder, attempts, outcome, status) VALUES ('e', '{0}', 0, 'waiting', 0, '', 0, '', 0)"}},
		{name: "a partner is reminded of what it answered", fault: fsck.OwedAnswered, mended: true, sql: []string{filled(deliveryRow, "$", "withdrawn"), rooms("0"), listedRow, filled(eventRow, "#", "1"), "UPDATE deliveries SET acknowledged_day = 86400"}},
		{name: "a row without its parent", fault: fsck.Structure, engine: store.SQLite, sql: []string{"INSERT INTO applications (account, apply_sha256, statement) VALUES ('nobody', {B}, '')"}},
	}
}

// What happened to nobody is found nowhere, and everything that can happen is found
// where it is: put right where that is safe, and named with the next step where not.
func TestEveryKindOfDamageIsFound(t *testing.T) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			o := tell(t, e)
			if r := o.copy(t).fsck(app.FsckHow{Deep: true, Repair: true}); len(r.Findings) > 0 || r.Looked["statements"] == 0 || r.Looked["objects in the second store"] == 0 {
				t.Fatalf("in a vault to which nothing happened: %+v", r)
			}
			for _, d := range of(e) {
				t.Run(d.name, func(t *testing.T) { d.found(t, o) })
			}
		})
	}
}

// of are the damages to try on an engine: all of them on the one whose copies cost
// nothing. On the other, whose queries are the same and where a copy takes half a second,
// those that repairs write to, and one of each walk.
func of(e store.Engine) (out []damage) {
	tried := map[fsck.Fault]bool{}
	for _, d := range damages() {
		if e == store.SQLite || d.do == nil && !tried[d.fault] && (d.mended || slices.Contains([]fsck.Fault{fsck.JournalAhead, fsck.ChainBroken, fsck.RowDamaged}, d.fault)) {
			out = append(out, d)
		}
		tried[d.fault] = true
	}
	return out
}

func (d damage) found(t *testing.T, o *original) {
	c := o.copy(t)
	if c.plant(d.sql...); d.do != nil {
		d.do(c)
	}
	look := app.FsckHow{Deep: true, Repair: false}
	if d.fault == fsck.Structure {
		look.Repair = true // a file is read whole only where nobody else has it
	}
	r := c.fsck(look)
	f := r.Found(d.fault)
	if f == nil || f.Count == 0 || f.What == "" || f.Next == "" {
		t.Fatalf("it was not found: %+v", r.Findings)
	}
	// Looking has changed nothing: repairing finds it, too.
	if again := c.fsck(app.FsckHow{Deep: true, Repair: true}); again.Found(d.fault) == nil || again.Found(d.fault).Count != f.Count {
		t.Errorf("looking changed something: %+v, then %+v", r.Findings, again.Findings)
	}
	after := c.fsck(look)
	switch g := after.Found(d.fault); {
	case d.mended && after.Left() > 0:
		t.Errorf("it was not put right: %+v", after.Findings)
	case !d.mended && g == nil:
		t.Error("it was made to look right")
	case d.mended != f.Safe:
		t.Errorf("it says of itself that it can be repaired: %v", f.Safe)
	}
}

// Every kind of finding is brought about by a row of the table.
func TestNoKindOfFindingIsUntried(t *testing.T) {
	tried := map[fsck.Fault]bool{}
	for _, d := range damages() {
		tried[d.fault] = true
	}
	for _, f := range fsck.Faults() {
		if !tried[f] {
			t.Errorf("nothing brings %s about", f)
		}
	}
}

func must(c *copied, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// file finds an object's file.
func (c *copied) file(folder, object string) string {
	c.t.Helper()
	name := c.names.Replace(object)
	var found string
	must(c, filepath.WalkDir(filepath.Join(c.cfg.DataDir, folder), func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, name) || strings.HasSuffix(strings.ReplaceAll(path, string(filepath.Separator), ""), name) {
			found = path
		}
		return err
	}))
	if found == "" {
		c.t.Fatalf("no file of %s in %s", name, folder)
	}
	return found
}

func (c *copied) flip(path string) {
	c.t.Helper()
	b, err := os.ReadFile(path)
	must(c, err)
	b[len(b)/3] ^= 4
	must(c, os.WriteFile(path, b, 0o600))
}

// stray leaves an object that is as old as the others, and the others keep their number.
func (c *copied) stray(folder string) {
	c.t.Helper()
	like := c.file(folder, map[string]string{"blobs": "{P}", "second": "{S}"}[folder])
	b := make([]byte, 99)
	rand.Read(b) // never fails
	to := filepath.Join(filepath.Dir(like), filepath.Base(like)[:2]+strings.Repeat("b", len(filepath.Base(like))-3)+"a")
	must(c, os.WriteFile(to, b, 0o600))
	old := c.vault.Clock.Now().AddDate(0, 0, -30)
	must(c, os.Chtimes(to, old, old))
}

func (c *copied) shortenJournal() {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.cfg.Journal.Dir, "*", "*.journal"))
	must(c, err)
	b, err := os.ReadFile(files[0])
	must(c, err)
	lines := strings.SplitAfter(string(b), "\n")
	must(c, os.WriteFile(files[0], []byte(strings.Join(append(lines[:1:1], lines[2:]...), "")), 0o600))
}

// While people tell, erase and let read, nothing that is on its way is called a fault.
func TestWhatIsOnItsWayIsNoFault(t *testing.T) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			v := vaulttest.New(t, vaulttest.On(e))
			door := &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
			reader := door.Researcher(100)
			over := make(chan error, 2)
			for range cap(over) {
				her := door.Participant()
				go func() { over <- busy(t.Context(), her, reader.Account()) }()
			}
			for left := cap(over); left > 0; {
				v.FitsTogether()
				select {
				case err := <-over:
					left--
					if err != nil {
						t.Fatal(err)
					}
				default:
				}
			}
			v.FitsTogether()
		})
	}
}

// busy tells, lets read, takes back and erases, some times.
func busy(ctx context.Context, her *peopletest.Person, reader api.Account) error {
	large := make([]byte, 300<<10)
	for range 6 {
		tid, err := her.Create(ctx, client.Testimony{Title: "x", Parts: []client.Content{client.Bytes("a.m4a", "", large)}})
		if err != nil {
			return err
		}
		g, err := her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1}, To: reader, Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.Background, Access: statement.View}})
		if err == nil {
			_, err = her.Revoke(ctx, tid, g.ID)
		}
		if err = errors.Join(err, her.Erase(ctx, tid)); err != nil {
			return err
		}
	}
	return nil
}
