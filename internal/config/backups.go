package config

import (
	"strings"

	"github.com/relatingfield/vault/internal/envelope"
)

// The ways in which a backup has payloads.
const (
	BackupCopies     = "copy"
	BackupReferences = "reference"
)

// checkBackups makes sure that a backup can be written, and that no recipient of the
// classic kind takes from the others what they have against later machines.
func (c Config) checkBackups(f *Faults) {
	b := c.Backups
	oneOf(f, "backups.objects", b.Objects, BackupCopies, BackupReferences)
	classic, modern := 0, 0
	for _, text := range b.Recipients {
		_, pq, err := envelope.ParseRecipient(text)
		switch {
		case strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY"):
			f.add("backups.recipients", "holds a secret key", "write the public key, which begins with age1; think about whether the secret one was seen")
		case err != nil:
			f.add("backups.recipients", "holds what is no recipient", "copy the public key as age-keygen prints it: it begins with age1")
		case pq:
			modern++
		default:
			classic++
		}
	}
	if classic > 0 && modern > 0 {
		f.add("backups.recipients", "mixes classic and post-quantum recipients, which age does not put into one file", "make keys of one kind for all: age-keygen -pq")
	}
}
