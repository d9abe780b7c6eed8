package canarytest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Tree looks through everything below the folder dir: names, contents, and where
// links point. It also says how many bytes it read, so that a test can tell a
// clean folder from an empty one.
func (s *Scanner) Tree(dir string) (found []Find, size int64, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		in, n, err := s.entry(path, d)
		found, size = append(found, in...), size+n
		return err
	})
	return found, size, err
}

func (s *Scanner) entry(path string, d fs.DirEntry) ([]Find, int64, error) {
	found, err := s.Read("the name of "+path, strings.NewReader(d.Name()))
	if err != nil {
		return nil, 0, err
	}
	var more []Find
	var size int64
	switch {
	case d.Type().IsRegular():
		more, size, err = s.File(path)
	case d.Type()&fs.ModeSymlink != 0:
		var to string
		if to, err = os.Readlink(path); err == nil {
			more, err = s.Read("the link "+path, strings.NewReader(to))
		}
	}
	return append(found, more...), size, err
}

// File looks through one file.
func (s *Scanner) File(path string) ([]Find, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	found, err := s.Read(path, f)
	return found, info.Size(), err
}
