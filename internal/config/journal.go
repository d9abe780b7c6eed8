package config

// checkJournal keeps what was restricted for at least as long as what could undo it.
func (c Config) checkJournal(f *Faults) {
	between(f, "journal.keep", c.Journal.Keep, 30, 3650)
	between(f, "backups.keep", c.Backups.Keep, 1, 3650)
	if c.Journal.Keep < c.Backups.Keep {
		f.add("journal.keep", "is shorter than backups.keep, so a backup could bring back what nobody remembers was taken back",
			"raise it to "+c.Backups.Keep.String()+" at least, or keep backups for a shorter time")
	}
}
