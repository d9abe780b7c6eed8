package config

import (
	"path/filepath"
	"strings"
)

// folder is a folder of the vault, and the setting that names it.
type folder struct{ path, dir string }

// folders are those that must not hold one another. Each may lie in data_dir.
func (c Config) folders() []folder {
	return []folder{
		{"keys_dir", c.KeysDir}, {"blobs.dir", c.Blobs.Dir}, {"blobs.second.dir", c.Blobs.Second.Dir}, {"journal.dir", c.Journal.Dir},
		{"blobs.s3.scratch", c.Blobs.S3.Scratch}, {"blobs.second.s3.scratch", c.Blobs.Second.S3.Scratch},
		{"backups.dir", c.Backups.Dir}, {"tls.acme.cache", c.TLS.ACME.Cache},
	}
}

// checkFolders refuses folders in which one part of the vault would find, copy or
// remove what belongs to another: payloads that no row names are removed, second
// copies are made of what lies there, and the journal must not be rolled back with the
// rest, nor lie in the folder of backups, which is copied elsewhere.
func (c Config) checkFolders(f *Faults) {
	all := c.folders()
	for i, one := range all {
		if one.dir != "" && c.DataDir != "" && within(c.DataDir, one.dir) {
			f.add(one.path, "is data_dir, or a folder above it", "name a folder of its own, in data_dir or elsewhere")
		}
		for _, two := range all[:i] {
			if scratch(one, two) || one.dir == "" || two.dir == "" {
				continue
			}
			if within(one.dir, two.dir) || within(two.dir, one.dir) {
				f.add(one.path, "is the folder of "+two.path+", or one lies in the other", "name a folder of its own")
			}
		}
	}
}

// scratch are the two folders that may be one: what is on its way to a bucket has a
// name that nothing else gets.
func scratch(one, two folder) bool {
	return strings.HasSuffix(one.path, "scratch") && strings.HasSuffix(two.path, "scratch")
}

// within tells whether a path is a folder or lies in it, as they are written.
func within(path, dir string) bool {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	holder, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	inside, err := filepath.Rel(holder, absolute)
	return err == nil && inside != ".." && !strings.HasPrefix(inside, "../")
}
