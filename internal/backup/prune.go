package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/relatingfield/vault/internal/id"
)

// Pruned is what a pruning has removed.
type Pruned struct {
	Backups []string // their names
	Objects int      // copies of payloads that no backup names any more
}

// Prune removes every backup that is older than keep, or than its own manifest says,
// whether or not a newer one is there: she was promised it. Copies that no backup
// names go with them. One whose manifest says nothing goes by the time in its name.
func (f Folder) Prune(keep time.Duration) (out Pruned, err error) {
	unlock, err := f.lock()
	if err != nil {
		return out, fmt.Errorf("prune backups: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	list, err := f.List()
	if err != nil {
		return out, err
	}
	for _, k := range list {
		if !f.over(k, keep) {
			continue
		}
		if err := f.remove(k.Name); err != nil {
			return out, fmt.Errorf("prune backup %s: %w", k.Name, err)
		}
		out.Backups = append(out.Backups, k.Name)
	}
	out.Objects, err = f.sweep()
	if err != nil {
		err = fmt.Errorf("prune copies of payloads: %w", err)
	}
	return out, err
}

// Expired says whether a backup is too old to be brought back.
func (f Folder) expired(m Manifest, keep time.Duration) bool {
	now := f.Now()
	return !now.Before(time.Unix(m.Expires, 0)) || !now.Before(time.Unix(m.Taken, 0).Add(keep))
}

func (f Folder) over(k Kept, keep time.Duration) bool {
	if k.Err == nil && f.expired(k.Manifest, keep) {
		return true
	}
	begun, ok := timeOf(k.Name)
	return ok && !f.Now().Before(begun.Add(keep))
}

// remove takes the manifest first: from then on the rest is no backup.
func (f Folder) remove(name string) error {
	dir := filepath.Join(f.Dir, name)
	for _, first := range []string{manifestName, unfinishedName} {
		if err := os.Remove(filepath.Join(dir, first)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(os.RemoveAll(dir), syncDir(f.Dir))
}

// sweep removes the copies that no backup names. While one is there that cannot be
// read, nobody knows what it names, and all stays.
func (f Folder) sweep() (n int, err error) {
	list, err := f.List()
	if err != nil {
		return 0, err
	}
	used := map[string]map[id.ID]bool{}
	for _, k := range list {
		if k.Err != nil {
			return 0, fmt.Errorf("backup %s cannot be read, so it is not known which copies it needs, and none was removed; remove its folder if it is of no use: %w", k.Name, k.Err)
		}
		name := listName
		if !k.Finished {
			name = wantedName
		}
		objects, err := f.objects(k.Manifest, name)
		if err != nil {
			return 0, fmt.Errorf("backup %s: %w", k.Name, err)
		}
		if used[k.Manifest.Pool] == nil {
			used[k.Manifest.Pool] = map[id.ID]bool{}
		}
		for _, o := range objects {
			used[k.Manifest.Pool][o.Key] = true
		}
	}
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if e.IsDir() && poolForm.MatchString(e.Name()) {
			m, err := f.sweepPool(e.Name(), used[e.Name()])
			n += m
			if err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

var shelfForm = regexp.MustCompile(`^[A-Za-z0-9_-]{2}$`)

func (f Folder) sweepPool(pool string, used map[id.ID]bool) (n int, err error) {
	shelves, err := os.ReadDir(filepath.Join(f.Dir, pool))
	if err != nil {
		return 0, err
	}
	for _, s := range shelves {
		if !s.IsDir() || !shelfForm.MatchString(s.Name()) {
			continue
		}
		dir := filepath.Join(f.Dir, pool, s.Name())
		files, err := os.ReadDir(dir)
		if err != nil {
			return n, err
		}
		for _, file := range files {
			key, ours := copyOf(file.Name())
			if !ours || used[key] {
				continue
			}
			if err := os.Remove(filepath.Join(dir, file.Name())); err != nil {
				return n, err
			}
			n++
		}
		if err := syncDir(dir); err != nil {
			return n, err
		}
	}
	return n, nil
}

// copyOf reads the name of a copy. One that was never finished is nobody's: it has no
// key.
func copyOf(name string) (key id.ID, ours bool) {
	const end = ".age"
	if len(name) > len(partSuffix)+len(end) && name[len(name)-len(partSuffix):] == partSuffix {
		name = name[:len(name)-len(partSuffix)]
		_, ours = copyOf(name)
		return "", ours
	}
	if len(name) <= len(end) || name[len(name)-len(end):] != end {
		return "", false
	}
	key, err := id.Parse(name[:len(name)-len(end)])
	return key, err == nil
}
