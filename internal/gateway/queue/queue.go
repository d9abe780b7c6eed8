package queue

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/relatingfield/vault/internal/id"
)

const day = 24 * time.Hour

// How work here can fail.
var (
	// ErrFull says that the disk, or what the gateway may use of it, is full.
	ErrFull = errors.New("there is no room for more sealed items")
	// ErrLocked says that another process works in the folder.
	ErrLocked = errors.New("another gateway works in this folder")
	// ErrDamaged says that something in the folder is not what was written.
	ErrDamaged = errors.New("the queue is damaged")
)

// Config says where a queue lies and what it works with.
type Config struct {
	Dir  string        // it is made if there is none
	Room int64         // bytes of sealed items, drafts included, that it may take
	Keep time.Duration // how long marks are kept after their day

	Rand io.Reader        // cryptographically secure
	Now  func() time.Time // only its day is ever written down
}

// Queue is a folder of sealed items. It is safe for concurrent use.
type Queue struct {
	cfg  Config
	lock *os.File
	key  key
	wake chan struct{} // something was committed

	mu      sync.Mutex
	used    int64 // bytes of items and drafts
	parcels map[id.ID]*parcel
	known   map[name]uint64 // marks of what is queued, masked
	held    map[name]bool
	marks   *marks
}

// Open opens or makes the folder and removes what a crash left unfinished.
func Open(cfg Config) (*Queue, error) {
	q := &Queue{cfg: cfg, wake: make(chan struct{}, 1), parcels: map[id.ID]*parcel{}, known: map[name]uint64{}, held: map[name]bool{}}
	if err := q.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("open the queue: %w", err), q.Close())
	}
	return q, nil
}

func (q *Queue) open() (err error) {
	if err := os.MkdirAll(q.cfg.Dir, 0o700); err != nil {
		return err
	}
	if q.lock, err = lock(q.path("lock")); err != nil {
		return err
	}
	if q.key, err = openKey(q.path("key"), q.cfg.Rand); err != nil {
		return err
	}
	if q.marks, err = openMarks(q.path("marks"), q.today()-int64(q.cfg.Keep/time.Second)); err != nil {
		return err
	}
	return q.sweep()
}

// sweep reads the records, and then removes every file that none of them names. A
// record that cannot be read ends it before anything is removed.
func (q *Queue) sweep() error {
	entries, err := os.ReadDir(q.cfg.Dir)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), recordSuffix) {
			if err := q.load(e.Name(), named); err != nil {
				return err
			}
		}
	}
	for _, e := range entries {
		if unfinished(e.Name()) || strings.HasSuffix(e.Name(), itemSuffix) && !named[e.Name()] {
			if err := os.Remove(q.path(e.Name())); err != nil {
				return err
			}
		}
	}
	return syncDir(q.cfg.Dir)
}

// load takes up what was acknowledged before the last end.
func (q *Queue) load(record string, named map[string]bool) error {
	p, err := readParcel(q.path(record))
	if err != nil {
		return err
	}
	for i := range p.Items {
		item := &p.Items[i]
		info, err := os.Stat(q.path(item.file()))
		if err != nil || info.Size() < item.Length {
			return fmt.Errorf("%w: a sealed item that was acknowledged is missing or too short: look for a copy of the folder", ErrDamaged)
		}
		named[item.file()] = true
		q.used += info.Size()
		q.note(item)
	}
	q.parcels[p.name] = p
	return nil
}

// note makes an item known by its mark.
func (q *Queue) note(item *Item) {
	if n, value, ok := item.mark(); ok {
		q.known[n] = value
	}
}

// Close ends the work in the folder. What is in it stays.
func (q *Queue) Close() error {
	var err error
	if q.marks != nil {
		err = q.marks.close()
	}
	if q.lock != nil {
		err = errors.Join(err, q.lock.Close())
	}
	return err
}

func (q *Queue) path(name string) string { return filepath.Join(q.cfg.Dir, name) }

// today is the first second of the day.
func (q *Queue) today() int64 { return q.cfg.Now().UTC().Truncate(day).Unix() }

// take reserves room on the disk.
func (q *Queue) take(n int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n > q.cfg.Room-q.used {
		return ErrFull
	}
	q.used += n
	return nil
}

func (q *Queue) give(n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.used -= n
}

// full makes a full disk recognizable, and takes the file's name out of an error:
// it is an item's id, which belongs in no log.
func full(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
