package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/internal/store"
)

// eraName is the file, beside a node's journal, of the latest era of the database
// that the node has seen. The folder is what all nodes see, also when they do not see
// the same database: after a failover a node that was cut off may still talk to the
// old primary.
const eraName = "era"

// maxEra is more than a file of an era holds, in bytes.
const maxEra = 64

// ErrEra is a file that is no era.
var ErrEra = errors.New("a file named era holds no cluster and timeline: remove it if no other process wrote it")

// KeepEra lets the other nodes know which era of the database this one has seen.
func (j *Journal) KeepEra(e store.Era) error {
	path := filepath.Join(j.place.folder(j.place.Node), eraName)
	err := os.WriteFile(path+".new", []byte(eraText(e)), 0o600)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err == nil {
		// Without this a crash of the machine forgets the era, as would its loss.
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("keep the era of the database: %w", err)
	}
	return nil
}

// Eras are the latest of a cluster that any node has written down, and what this one
// has written. Each is the zero Era where there is none.
func (j *Journal) Eras(system string) (latest, own store.Era, err error) {
	nodes, err := j.place.nodes()
	if err != nil {
		return latest, own, err
	}
	for _, n := range nodes {
		e, err := readEra(filepath.Join(j.place.folder(n), eraName))
		if err != nil {
			return latest, own, fmt.Errorf("era of node %s: %w", n, err)
		}
		if n == j.place.Node {
			own = e
		}
		if e.System == system && e.Timeline > latest.Timeline {
			latest = e
		}
	}
	return latest, own, nil
}

func readEra(path string) (store.Era, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return store.Era{}, nil
	}
	if err != nil {
		return store.Era{}, err
	}
	return parseEra(string(b))
}

func eraText(e store.Era) string { return fmt.Sprintf("%s %d\n", e.System, e.Timeline) }

// parseEra reads the one spelling of an era.
func parseEra(text string) (store.Era, error) {
	system, number, _ := strings.Cut(strings.TrimSuffix(text, "\n"), " ")
	n, err := strconv.ParseUint(number, 10, 32)
	e := store.Era{System: system, Timeline: uint32(n)}
	if err != nil || system == "" || len(text) > maxEra || eraText(e) != text {
		return store.Era{}, ErrEra
	}
	return e, nil
}
