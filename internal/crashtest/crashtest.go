// Package crashtest kills a vault under load, again and again, and looks whether
// it kept its word.
//
// A round: women tell, add, hand over, grant, re-lock, revoke and erase, readers
// open, a partner's program delivers, and women adopt or refuse
// what it brings, all at once, and a journal keeps what was acknowledged; at a random moment
// the server's process, or the database under it, is killed; what no row names is
// swept; the vault is started again and everything is looked at.
//
// It promises that Round fails if, after the crash,
//   - a statement, part, grant or revocation that was acknowledged is missing, or
//     a part's content is not byte for byte what was sent;
//   - her chain, cards, parts or grants do not verify with her own client, which
//     kept the head of her chain;
//   - a revoked grant or an erased testimony opens, for anybody;
//   - a revocation or erasure that was acknowledged is not in the journal of
//     restrictions, or the vault does not find that journal in order;
//   - a reader's opening that brought anything is not in her list;
//   - an act that was under way is neither whole nor absent;
//   - what a program brought waits twice, or not at all before she decided on it, or
//     is hers and waits;
//   - what anybody said is found in plain in the vault's folder;
//   - the folder of payloads holds what no row names, or a row names what it does
//     not hold;
//
// and if, where the server is killed and comes back while everybody goes on, a
// request has no answer after its client has sent it again.
//
// Everything random comes from the seed, but how processes interleave does not, so
// a failing round cannot be repeated exactly; its data folder is left as it was.
package crashtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/pgtest"
)

// Config says what is killed.
type Config struct {
	Program string          // a testimonyd, see daemontest.Build
	Dir     string          // a folder for the vault's data
	Cluster *pgtest.Cluster // PostgreSQL to run on; nil is SQLite
	Seed    uint64
	Log     io.Writer // one line a round
}

const (
	women   = 4
	readers = 2
	// aGeneration is after how many rounds new women come, so that chains, which
	// are verified whole, stay short.
	aGeneration = 10
	// The load lasts between these before the kill.
	shortest, longest = 30 * time.Millisecond, 500 * time.Millisecond
)

// World is a vault and those who use it.
type World struct {
	cfg      Config
	database string             // its name in the cluster
	daemon   *daemontest.Daemon // nil: others run the vault; see Crowd
	origin   string
	journals string // the folder of journals of restrictions
	people   *daemontest.People
	rand     *rand.Rand
	women    []*woman
	readers  []*reader
	partner  *partner // nil: nobody brings anything
	given    *given
	http     *http.Client
	killed   atomic.Bool // from the moment of the kill on, errors prove nothing
	over     atomic.Bool // everybody ends after what is under way
	patient  bool        // a vault that is unavailable is waited for
	round    int
	counts   counts
	spoil    func() error // between a server's end and its return; for the tests of this package
}

// New founds a vault and brings people into it.
func New(ctx context.Context, cfg Config) (*World, error) {
	w := &World{cfg: cfg, rand: rand.New(rand.NewPCG(cfg.Seed, 1)), given: newGiven(), http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, counts: counts{}}
	if err := w.found(ctx); err != nil {
		return nil, fmt.Errorf("crash test: %w", errors.Join(err, w.Close(ctx)))
	}
	return w, nil
}

func (w *World) found(ctx context.Context) error {
	d := daemontest.Config{Program: w.cfg.Program, Dir: filepath.Join(w.cfg.Dir, "vault"),
		Set: []string{"trays.partner_bytes=8GiB", "programs.requests=60000"}}
	if w.cfg.Cluster != nil {
		w.database = fmt.Sprintf("crash_%d", w.cfg.Seed)
		if err := w.cfg.Cluster.Create(ctx, w.database, ""); err != nil {
			return err
		}
		d.URL = w.cfg.Cluster.URL(w.database)
	}
	var err error
	if w.daemon, err = daemontest.New(d); err != nil {
		return err
	}
	if err := w.daemon.Start(ctx); err != nil {
		return err
	}
	if w.people, err = w.daemon.Meet(ctx); err != nil {
		return err
	}
	w.origin, w.journals = w.daemon.Origin(), filepath.Join(w.daemon.Dir(), "journal")
	if err := w.partnered(ctx); err != nil {
		return err
	}
	return w.appoint(ctx)
}

// appoint brings readers in.
func (w *World) appoint(ctx context.Context) error {
	for i := range readers {
		r, err := w.newReader(ctx, fmt.Sprintf("Dr. Reader %d", i+1))
		if err != nil {
			return err
		}
		w.readers = append(w.readers, r)
	}
	return nil
}

// Round is one kill and the look after it.
func (w *World) Round(ctx context.Context) error {
	w.round++
	if err := w.aRound(ctx); err != nil {
		return fmt.Errorf("crash test: seed %d, round %d: %w", w.cfg.Seed, w.round, err)
	}
	return nil
}

func (w *World) aRound(ctx context.Context) error {
	if (w.round-1)%aGeneration == 0 {
		if err := w.invite(ctx); err != nil {
			return fmt.Errorf("invite: %w", err)
		}
	}
	how := w.pickKill()
	if err := w.loadAndKill(ctx, how); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if err := w.recover(ctx, how); err != nil {
		return fmt.Errorf("start again: %w", err)
	}
	if err := w.look(ctx); err != nil {
		return fmt.Errorf("after killing the %s: %w", how, err)
	}
	_, err := fmt.Fprintf(w.cfg.Log, "round %d: killed the %s; so far %s\n", w.round, how, w.counts)
	return err
}

// kill is what is killed.
type kill string

const (
	server   kill = "server"
	database kill = "database"
	// ridden is the server while everybody goes on: it comes back at once, and
	// clients that send the same request again get its one answer.
	ridden kill = "server under everybody"
)

// pickKill kills the database only where it is a process of its own.
func (w *World) pickKill() kill {
	kinds := []kill{server, server, ridden, database}
	if w.cfg.Cluster == nil {
		kinds = kinds[:3]
	}
	return kinds[w.rand.IntN(len(kinds))]
}

func (w *World) kill(how kill) error {
	w.killed.Store(true)
	if how == database {
		return w.cfg.Cluster.Kill()
	}
	return w.daemon.Kill()
}

// recover brings back what was killed. Between a server's end and its return its
// payloads are swept, as a job of its own does in time.
func (w *World) recover(ctx context.Context, how kill) error {
	switch how {
	case ridden:
		return nil // it is back already
	case database:
		if err := w.cfg.Cluster.Restart(ctx); err != nil {
			return err
		}
		return w.daemon.Ready(ctx)
	}
	if w.spoil != nil {
		if err := w.spoil(); err != nil {
			return err
		}
	}
	if err := w.sweep(ctx); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return w.daemon.Start(ctx)
}

// Counts says how often what happened so far.
func (w *World) Counts() string { return w.counts.String() }

// Close ends the vault. Its data stays where it is.
func (w *World) Close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	if w.daemon != nil {
		err = w.daemon.Kill()
	}
	if w.cfg.Cluster != nil {
		err = errors.Join(err, w.cfg.Cluster.Drop(ctx, w.database))
	}
	return err
}
