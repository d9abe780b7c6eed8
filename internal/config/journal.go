package config

import "regexp"

// checkJournal keeps what was restricted for at least as long as what could undo it.
func (c Config) checkJournal(f *Faults) {
	between(f, "journal.keep", c.Journal.Keep, 30, 3650)
	between(f, "backups.keep", c.Backups.Keep, 1, 3650)
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`).MatchString(c.Journal.Node) {
		f.add("journal.node", "names no node", "write 1 to 32 of a-z, 0-9 and -")
	}
	for _, line := range c.Journal.AtLeast {
		if !regexp.MustCompile(`^[a-z0-9-]+ [0-9]+ [A-Za-z0-9_-]{43} [A-Za-z0-9_-]{86}$`).MatchString(line) {
			f.add("journal.at_least", "holds what is no head of a journal", "copy the lines as testimonyd journal head prints them")
		}
	}
	if c.Journal.Keep >= 30 && c.Journal.Keep < c.Backups.Keep {
		f.add("journal.keep", "is shorter than backups.keep, so a backup could bring back what nobody remembers was taken back",
			"raise it to "+c.Backups.Keep.String()+" at least, or keep backups for a shorter time")
	}
}
