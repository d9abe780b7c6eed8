package app

import (
	"io"
	"os"
	"strings"

	"github.com/relatingfield/vault/internal/canary"
)

// wordsSize bounds the file of stewards' words: what 32 stewards say in years.
const wordsSize = 1 << 20

// words are the stewards' words as the operator's file has them now, so that a new one
// needs no restart. A file that cannot be read has none, which people see: it is not
// the server's to judge them.
func (v *vault) words() []string {
	if v.cfg.CanaryFile == "" {
		return nil
	}
	f, err := os.Open(v.cfg.CanaryFile)
	if err != nil {
		v.log.Warn("the stewards' words cannot be read", "error", err)
		return nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, wordsSize))
	if err != nil {
		v.log.Warn("the stewards' words cannot be read", "error", err)
	}
	words := strings.Fields(string(b))
	return words[max(0, len(words)-canary.Most):]
}
