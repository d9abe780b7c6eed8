package store

// Before makes the commit of the transaction that tx belongs to wait for something
// that goes on outside the database and has to be done first. wait runs once the
// closure has returned nil, in another goroutine perhaps; its error takes the
// transaction back and is what Update returns. On SQLite those who share a
// transaction wait for all of them together, and run again when another's wait
// fails.
func Before(tx Tx, wait func() error) {
	if b, ok := tx.(beforer); ok {
		b.addBefore(wait)
	}
}

// Again marks an error of Before's wait after which the same closure may well
// succeed.
func Again(err error) error { return as(err, ErrUnavailable, errAgain) }

type beforer interface{ addBefore(wait func() error) }

func (g *guarded) addBefore(wait func() error) { g.before = append(g.before, wait) }

func (n *lane) addBefore(wait func() error) {
	n.of.mu.Lock()
	defer n.of.mu.Unlock()
	n.of.guard.addBefore(wait)
}
