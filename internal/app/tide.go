package app

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/config"
)

const (
	// weighEvery is how often the object store is weighed, at most. Disks are looked at
	// each time, which costs a microsecond.
	weighEvery = 30 * time.Second
	// keepShare is the part of a small disk that is kept free in place of
	// limits.keep_free: one in so many.
	keepShare = 20
)

var (
	errTide  = errors.New("the disk is as full as it may become: limits.keep_free is left for what takes something back")
	errWhole = errors.New("the object store holds limits.bytes_in_all")
)

// tide says when nothing more is taken in, before the disk itself says so: what is
// free then is for revoking, withdrawing and erasing, which need little, and for
// signing in to do it.
type tide struct {
	dirs  []string // folders on the disks that are written to
	keep  int64
	most  int64
	weigh func(context.Context) (int64, error)

	mu      sync.Mutex
	weighed time.Time
	whole   error
}

func (v *vault) tide() *tide {
	dirs := []string{v.cfg.DataDir, v.cfg.Journal.Dir}
	if v.cfg.Store.Engine == config.SQLite {
		dirs = append(dirs, filepath.Dir(v.cfg.Store.Path))
	}
	if v.cfg.Blobs.Engine == config.Folder {
		dirs = append(dirs, v.cfg.Blobs.Dir)
	}
	return &tide{dirs: dirs, keep: int64(v.cfg.Limits.KeepFree), most: int64(v.cfg.Limits.BytesInAll), weigh: func(ctx context.Context) (int64, error) {
		r, err := v.fixity.Report(ctx)
		return r.Bytes, err
	}}
}

// Room is nil while there is room for more. Its error is blob.ErrFull.
func (t *tide) Room(ctx context.Context) error {
	if slices.ContainsFunc(t.dirs, func(dir string) bool { return low(dir, t.keep) }) {
		return errors.Join(blob.ErrFull, errTide)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := time.Now(); now.Sub(t.weighed) >= weighEvery {
		// Where the database does not answer, what it is asked for fails by itself.
		if bytes, err := t.weigh(ctx); err == nil {
			t.weighed, t.whole = now, nil
			if bytes >= t.most {
				t.whole = errors.Join(blob.ErrFull, errWhole)
			}
		}
	}
	return t.whole
}

// low tells whether a disk has less free than it should. A folder that is not there
// shows elsewhere.
func low(dir string, keep int64) bool {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil || s.Blocks == 0 {
		return false
	}
	keep = min(keep, int64(s.Blocks)*s.Bsize/keepShare)
	return int64(s.Bavail)*s.Bsize < keep
}
