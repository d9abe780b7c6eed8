// Package reserve keeps room on a disk for what must be possible on a full one:
// a file of nothing that is given back to the disk when an act needs its room.
//
// Promises: while a Room is held, its bytes are allocated, so that giving them
// back makes that much room for whoever writes next on the same file system. It
// survives a crash in either state. Assumes: nobody else writes to the disk in
// the moment between. Does not: know who may use the room; a file system that
// allocates on writing only (copy on write, compression, thin provisioning) may
// promise more than it has.
package reserve

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// Room is one reserve. The nil Room is always held and has nothing to give.
type Room struct {
	path string
	size int64
	held atomic.Bool

	mu sync.Mutex // one change at a time
}

// Keep takes size bytes in a file of that name, or finds them taken. On a full
// disk it gives a Room that is not held; Regain tries again.
func Keep(path string, size int64) (*Room, error) {
	r := &Room{path: path, size: size}
	if allocated(path) >= size {
		r.held.Store(true)
		return r, nil
	}
	if err := r.take(); err != nil && !full(err) {
		return nil, fmt.Errorf("keep room for a full disk: %w", err)
	}
	return r, nil
}

// Release gives the room to the disk, and says whether there was any.
func (r *Room) Release() bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.held.Load() {
		return false
	}
	r.held.Store(false)
	return os.Remove(r.path) == nil
}

// Regain says whether the room is held, after trying to take it again. It does
// so only where twice as much is free: acts that use the room may be under way,
// and must not find the disk full because of it.
func (r *Room) Regain() bool {
	if r == nil || r.held.Load() {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.held.Load() && free(r.path) >= 2*r.size {
		_ = r.take() // not now, then later
	}
	return r.held.Load()
}

// take makes the file. What was taken of too little room goes back at once.
func (r *Room) take() error {
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(allocate(f, r.size), f.Close()); err != nil {
		return errors.Join(err, os.Remove(r.path))
	}
	r.held.Store(true)
	return nil
}

// zeros allocates by writing, where the system has no call for it.
func zeros(f *os.File, size int64) error {
	block := make([]byte, 64<<10)
	for size > 0 {
		n, err := f.Write(block[:min(size, int64(len(block)))])
		if err != nil {
			return err
		}
		size -= int64(n)
	}
	return f.Sync()
}

func full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
