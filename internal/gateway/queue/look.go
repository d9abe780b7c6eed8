package queue

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Look says what lies in a folder, whether a gateway works in it or not. It
// changes nothing and names no item that was not refused.
type Look struct {
	Waiting map[string]int // items to be delivered, by destination
	Bytes   int64          // that all items take on the disk
	Oldest  int64          // the day of the oldest item, in Unix seconds; 0 without items
	Refused []Item         // those that the vault did not take
}

// LookAt reads the records of a folder.
func LookAt(dir string) (Look, error) {
	l := Look{Waiting: map[string]int{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return l, fmt.Errorf("look at the queue: %w", err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), recordSuffix) {
			continue
		}
		p, err := readParcel(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // delivered meanwhile
		}
		if err != nil {
			return l, fmt.Errorf("look at the queue: %w", err)
		}
		l.add(dir, p.Items)
	}
	return l, nil
}

func (l *Look) add(dir string, items []Item) {
	for _, i := range items {
		if i.Refused == "" {
			l.Waiting[i.To]++
		} else {
			l.Refused = append(l.Refused, i)
		}
		if l.Oldest == 0 || i.Day < l.Oldest {
			l.Oldest = i.Day
		}
		if info, err := os.Stat(filepath.Join(dir, i.file())); err == nil {
			l.Bytes += info.Size()
		}
	}
}
