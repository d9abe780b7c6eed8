package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
)

// marks is the memory of what the vault has received. Each takes 32 bytes in the
// file: name 16, masked number 8, day 4 (days since 1970), CRC-32 4. A torn end is
// cut off: what it would have said was not relied upon.
type marks struct {
	f    *os.File
	size int64
	all  map[name]uint64
}

const markSize = 32

// openMarks reads the file and drops what is older than the day from.
func openMarks(path string, from int64) (*marks, error) {
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	m := &marks{all: map[name]uint64{}}
	kept := make([]byte, 0, len(b))
	for ; len(b) >= markSize; b = b[markSize:] {
		one := b[:markSize]
		if crc32.ChecksumIEEE(one[:28]) != binary.BigEndian.Uint32(one[28:]) {
			if len(b) >= 2*markSize {
				return nil, fmt.Errorf("%w: a mark in the middle of the file marks is not what was written", ErrDamaged)
			}
			break
		}
		if int64(binary.BigEndian.Uint32(one[24:]))*86400 >= from {
			m.all[name(one[:16])] = binary.BigEndian.Uint64(one[16:])
			kept = append(kept, one...)
		}
	}
	if err := replace(path, kept, 0); err != nil {
		return nil, err
	}
	if m.f, err = os.OpenFile(path, os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	m.size = int64(len(kept))
	return m, nil
}

func (m *marks) find(n name) (masked uint64, ok bool) {
	masked, ok = m.all[n]
	return masked, ok
}

// add makes a mark durable.
func (m *marks) add(n name, masked uint64, day int64) error {
	one := binary.BigEndian.AppendUint64(append(make([]byte, 0, markSize), n[:]...), masked)
	one = binary.BigEndian.AppendUint32(one, uint32(day/86400))
	one = binary.BigEndian.AppendUint32(one, crc32.ChecksumIEEE(one))
	// Always at the end of what is whole: a write that failed half way is written
	// over by the next.
	if _, err := m.f.WriteAt(one, m.size); err != nil {
		return full(err)
	}
	if err := m.f.Sync(); err != nil {
		return full(err)
	}
	m.size += markSize
	m.all[n] = masked
	return nil
}

func (m *marks) close() error { return m.f.Close() }
