package clock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// longest is how long a vault may have stood still without anybody being asked.
const longest = 30 * 24 * time.Hour

// ErrDay: the machine's date cannot follow the day on which the vault last ran.
var ErrDay = errors.New("the machine's date does not follow the day on which the vault last ran, so nothing is served: set the clock; if it is right, remove the file that is named here and start again")

// Mark is a file that holds the last day on which the vault ran.
type Mark string

// Check refuses a time that cannot follow the day in the file.
func (m Mark) Check(now time.Time) error {
	b, err := os.ReadFile(string(m))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the last day: %w", err)
	}
	last, err := time.Parse(time.DateOnly, strings.TrimSpace(string(b)))
	if err != nil {
		return fmt.Errorf("%w: %s holds no date", ErrDay, string(m))
	}
	if now.Before(last) || now.Sub(last) > longest {
		return fmt.Errorf("%w: %s says %s, the machine %s", ErrDay, string(m), last.Format(time.DateOnly), now.UTC().Format(time.DateOnly))
	}
	return nil
}

// Set writes the day of now. A crash leaves the file as it was or as it will be.
func (m Mark) Set(now time.Time) error {
	today := now.UTC().Format(time.DateOnly) + "\n"
	if b, err := os.ReadFile(string(m)); err == nil && string(b) == today {
		return nil
	}
	if err := m.write(today); err != nil {
		return fmt.Errorf("write the last day: %w", err)
	}
	return nil
}

func (m Mark) write(text string) error {
	f, err := os.CreateTemp(filepath.Dir(string(m)), filepath.Base(string(m))+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), string(m))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
