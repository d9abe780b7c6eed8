package queue

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// replace writes a file so that a crash leaves the old one or the new one: another
// name, flushed, renamed, and the folder flushed. Its times are set to day.
func replace(path string, b []byte, day int64) error {
	tmp := path + writingSuffix
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return full(err)
	}
	_, err = f.Write(b)
	if err == nil && day > 0 {
		err = setDay(tmp, day)
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(full(err), os.Remove(tmp))
	}
	return syncDir(filepath.Dir(path))
}

// setDay says of a file no more than its day.
func setDay(path string, day int64) error {
	t := time.Unix(day, 0)
	return os.Chtimes(path, t, t)
}

// syncDir makes a folder's names durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func joinClose(err error, c io.Closer) error { return errors.Join(err, c.Close()) }

func hex64(n uint64) string { return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, n)) }

func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

func unhex(s string, to *[]byte, size int) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != size {
		return fmt.Errorf("not %d bytes", size)
	}
	*to = b
	return nil
}
