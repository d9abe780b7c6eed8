package pgtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrMissing says that no PostgreSQL server is installed.
var ErrMissing = errors.New("no postgresql server found: install it with: apt-get install postgresql")

// programs finds the folder of initdb and postgres, the newest version first.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", ErrMissing
	}
	return filepath.Dir(path), nil
}

// version is the number in /usr/lib/postgresql/15/bin/initdb.
func version(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// maxSocketPath is what a Unix socket's name may measure (sun_path less its
// zero byte).
const maxSocketPath = 107

// folder makes the cluster's folder, owned by the account that runs the
// server. A long temporary folder would not hold a socket, so /tmp stands in.
func folder(as *owner) (string, error) {
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		if len(parent)+len("/pgtest1234567890/.s.PGSQL.5432") > maxSocketPath {
			continue
		}
		dir, err := os.MkdirTemp(parent, "pgtest")
		if err != nil {
			return "", err
		}
		return dir, as.give(dir)
	}
	return "", fmt.Errorf("temporary folder %s has too long a name for a socket", os.TempDir())
}

// install makes the folder and the data of a new cluster.
func install(ctx context.Context, o Options) (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	as, err := account()
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, as: as}
	if o.TCP {
		if c.port, err = freePort(); err != nil {
			return nil, err
		}
	}
	if c.dir, err = folder(as); err != nil {
		return nil, err
	}
	if err := initialise(ctx, bin, c.dir, as, conf(o, c.dir, c.port)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	return c, nil
}

// initialise makes the data folder and writes its settings.
func initialise(ctx context.Context, bin, dir string, as *owner, conf string) error {
	data := filepath.Join(dir, "data")
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "vault",
		"-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	cmd.SysProcAttr = as.attr()
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	f, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(conf)
	return errors.Join(err, f.Close())
}

func conf(o Options, dir string, port int) string {
	set := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": dir,
		"max_connections":         "300",
		"log_min_messages":        "warning",
		"jit":                     "off",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		// A replica that lost its primary looks for it at once, so that tests that
		// restart one do not wait.
		"wal_retrieve_retry_interval": "50ms",
	}
	if o.NoFsync {
		set["fsync"], set["full_page_writes"], set["synchronous_commit"] = "off", "off", "off"
	}
	if o.TCP {
		set["listen_addresses"], set["port"] = "127.0.0.1", strconv.Itoa(port)
	}
	maps.Copy(set, o.Settings)
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(set)) {
		fmt.Fprintf(&b, "%s = '%s'\n", k, strings.ReplaceAll(set[k], "'", "''"))
	}
	return b.String()
}

// freePort asks the system for a port. Another process may take it before the
// server does: then the start fails and says so.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
