package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/backup"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/drill"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
)

// drillNode names the journal that a drill writes, in a place that goes with it.
const drillNode = "drill-of-a-restore"

// Drilling says how a drill is done.
type Drilling struct {
	Restoring
	At     string // the folder in which the place is made; empty: data_dir
	Sample int    // how many payloads are looked at
}

// Drilled is the report of a drill.
type Drilled struct {
	Restored
	drill.Found
	Served bool
	Took   time.Duration
}

// Drill restores a backup into a place of its own, serves it on this machine alone
// without any job, looks whether it is whole and whether what was taken away since
// stays so, and destroys the place. Whatever engine the vault has, the drill has
// SQLite: a backup is the same for both. The vault may serve meanwhile; nothing of it
// is changed. What is not as it should be is in Faults; an error means that the drill
// itself could not be done.
func (a *App) Drill(ctx context.Context, what Drilling, tell func(string)) (out Drilled, err error) {
	begun := a.Now()
	at := what.At
	if at == "" {
		at = a.Config.DataDir
	}
	if err := os.MkdirAll(at, 0o700); err != nil {
		return out, fmt.Errorf("drill: %w", err)
	}
	dir, leave, err := drillPlace(at)
	if err != nil {
		return out, fmt.Errorf("drill: %w", err)
	}
	defer func() { err = errors.Join(err, destroy(dir), leave()) }()
	d := &drilling{what: what, tell: tell, real: a, app: a.within(dir), out: &out}
	if err := d.run(ctx); err != nil {
		return out, fmt.Errorf("drill: %w", err)
	}
	out.Took = a.Now().Sub(begun)
	return out, nil
}

// within is a vault like this one in a folder of its own, which tells nobody anything.
func (a *App) within(dir string) *App {
	c := a.Config
	c.DataDir, c.Listen, c.Origins, c.IKnowThisIsPublic = dir, "127.0.0.1:0", nil, false
	c.Store = config.Store{Engine: config.SQLite, Path: filepath.Join(dir, "vault.db")}
	c.Blobs.Engine, c.Blobs.Dir, c.Blobs.Second = config.Folder, filepath.Join(dir, "blobs"), config.Second{Engine: config.NoKeeper}
	c.Journal.Dir, c.Journal.Node = filepath.Join(dir, "journal"), drillNode
	c.Watch, c.Traces = config.Watch{}, config.Traces{}
	return &App{Config: c, Log: a.Log, Now: a.Now, Steady: a.Steady, Rand: a.Rand, Cores: a.Cores, still: true}
}

// drillPlace makes a place for a drill, and destroys those of drills that were killed:
// they hold shred keys. The lock of a place that is in use is held.
func drillPlace(at string) (dir string, leave func() error, err error) {
	left, err := filepath.Glob(filepath.Join(at, "drill-*"))
	if err != nil {
		return "", nil, err
	}
	for _, old := range left {
		unlock, err := lockPlace(old)
		if err != nil {
			continue // somebody is there
		}
		if err := errors.Join(destroy(old), unlock()); err != nil {
			return "", nil, err
		}
	}
	if dir, err = os.MkdirTemp(at, "drill-*"); err != nil {
		return "", nil, err
	}
	leave, err = lockPlace(dir)
	return dir, leave, err
}

// destroy overwrites what held shred keys, and removes everything.
func destroy(dir string) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return blank(path)
	})
	return errors.Join(err, os.RemoveAll(dir))
}

func blank(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = io.CopyN(f, nothing{}, info.Size())
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// nothing reads as endless zeros.
type nothing struct{}

func (nothing) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// drilling is a drill under way.
type drilling struct {
	what Drilling
	tell func(string)
	real *App // of the vault that is backed up
	app  *App // of the place
	ids  []age.Identity
	b    *backup.Backup
	out  *Drilled
}

func (d *drilling) run(ctx context.Context) (err error) {
	if d.b, d.ids, err = d.real.chosen(d.what.Restoring); err != nil {
		return err
	}
	d.out.Restored = Restored{Name: d.b.Name, Vault: d.b.Vault, Taken: time.Unix(d.b.Taken, 0), Schema: d.b.Schema, Missing: d.b.Missing}
	d.tell("Every file of backup " + d.b.Name + " is being compared with its manifest.")
	if err := d.b.Check(ctx); err != nil {
		return err
	}
	if err := copyJournals(d.real.Config.Journal.Dir, d.app.Config.Journal.Dir); err != nil {
		return fmt.Errorf("copy the journal: %w", err)
	}
	if err := d.app.journalStands(d.b.Vault); err != nil {
		return err
	}
	d.tell("The database is being brought back into a place of its own.")
	if d.out.Rows, err = d.app.fill(ctx, d.b, d.ids); err != nil {
		return err
	}
	return d.serve(ctx)
}

// copyJournals copies what the nodes have written so far. A file that grows meanwhile
// is copied up to somewhere in its last line, as after a crash.
func copyJournals(from, to string) error {
	nodes, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if !n.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(from, n.Name()))
		if err != nil {
			return err
		}
		for _, f := range files {
			if !f.Type().IsRegular() || !strings.HasSuffix(f.Name(), ".journal") {
				continue
			}
			if err := copyFile(filepath.Join(from, n.Name(), f.Name()), filepath.Join(to, n.Name(), f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// serve serves the place and looks at it from outside and inside.
func (d *drilling) serve(ctx context.Context) (err error) {
	d.tell("What was taken away since is being taken away again, and the place is served on this machine alone.")
	db, err := d.app.open(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.app.Config.Listen)
	if err != nil {
		return err
	}
	v, err := d.app.assemble(ctx, db, origins(d.app.Config, l.Addr()))
	if err != nil {
		return errors.Join(err, l.Close())
	}
	d.out.Applied = named(v.applied)
	life, end := context.WithCancel(ctx)
	ready, served := make(chan Serving, 1), make(chan error, 1)
	go func() { served <- v.serve(life, lines{people: l}, func(s Serving) { ready <- s }) }()
	select {
	case s := <-ready:
		err = d.look(ctx, v, s)
	case err := <-served:
		end()
		return errors.Join(err, errors.New("the restored vault does not serve"))
	}
	end()
	return errors.Join(err, <-served)
}

func (d *drilling) look(ctx context.Context, v *vault, s Serving) error {
	d.answers(ctx, s)
	d.tell("Chains, payloads and what was taken away are being looked at.")
	look := drill.Look{DB: v.db, Ledger: v.ledger, Payloads: v.payloads, Vault: v.id}
	if _, err := v.book.Links(ctx); err != nil {
		d.out.Fault("the roster cannot be read: %v", err)
	}
	if err := look.Chains(ctx, &d.out.Found); err != nil {
		return err
	}
	p, _, err := place(d.app.Config, v.keys, v.id, v.app.Now)
	if err == nil {
		err = look.Restrictions(ctx, p, &d.out.Found)
	}
	if err != nil {
		return err
	}
	return d.payloads(ctx, look)
}

// answers asks the place as anybody would.
func (d *drilling) answers(ctx context.Context, s Serving) {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	var said api.Vault
	err := errors.Join(ask(ctx, s.Addr, "/readyz", nil), ask(ctx, s.Addr, "/v1/vault", &said))
	if err == nil && said.VaultID.String() != d.b.Vault {
		err = errors.New("it says that it is another vault")
	}
	if err != nil {
		d.out.Fault("the restored vault does not answer as it should: %v", err)
		return
	}
	d.out.Served = true
}

func ask(ctx context.Context, addr, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %d", path, resp.StatusCode)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

// payloads brings a sample of payloads out of the backup, or finds them where the
// backup says that they are, and compares each with what its part says.
func (d *drilling) payloads(ctx context.Context, look drill.Look) error {
	there := map[id.ID]backup.Object{}
	for _, o := range d.b.Objects() {
		there[o.Key] = o
	}
	copied := d.b.Manifest.Objects == backup.Copied
	if !copied {
		v := &vault{cfg: d.real.Config, log: d.real.Log, app: d.real}
		if err := v.openObjects(); err != nil {
			return err
		}
		look.Payloads = &payload.Payloads{DB: look.DB, Blobs: v.blobs, Now: d.real.Now, Log: d.real.Log}
	}
	sample, err := look.Sample(ctx, int64(d.what.Sample))
	if err != nil {
		return err
	}
	for _, p := range sample {
		whole := true
		for _, key := range p.Objects {
			o, listed := there[key]
			whole = whole && listed
			if !copied || !listed {
				continue
			}
			if err := d.b.BringOne(ctx, d.ids, look.Payloads.Blobs, o); err != nil && !errors.Is(err, blob.ErrExists) {
				d.out.Fault("a payload cannot be brought back: %v", err)
			}
		}
		// What had gone before it was copied is known to be missing. What was only
		// referenced may have been let go of since.
		if whole {
			if err := look.Payload(ctx, p, copied, &d.out.Found); err != nil {
				return err
			}
		}
	}
	return nil
}
