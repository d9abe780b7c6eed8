package journal

import (
	"errors"
	"fmt"
)

// ErrRefused is what every fault wraps for which a vault does not serve: its
// journal does not say what it must say. Exit code 3; docs/operate/restore.md says
// what to do about each.
var ErrRefused = errors.New("the journal of restricting acts does not fit, so nothing is served: what was taken back could be open again (docs/operate/restore.md)")

// What is wrong with a journal. Each text says what to do.
var (
	ErrMissing = refusal("the journal of a node is missing: bring its folder back, or see \"When a journal is lost\"")
	ErrCut     = refusal("the journal ends before what the database knows: its newest lines are gone; bring back the newest copy of its folder")
	ErrGap     = refusal("the journal has a gap, or is out of order: a line or file was taken out, put in or moved; bring back an untouched copy of its folder")
	ErrForged  = refusal("the journal was altered: a line is not what was signed; bring back an untouched copy of its folder")
	ErrForeign = refusal("the journal is another vault's or node's, or signed with a key that this server does not have; name the right journal.dir and journal.node, and bring keys_dir back")
	ErrOther   = refusal("the journal is not the one that the database knows: a line has another hash; bring back the folder that belongs to this vault's newest hours")
	ErrRolled  = refusal("the journal does not hold a head that was kept elsewhere: it was rolled back, perhaps with the database; bring back newer copies of both")
	ErrDropped = refusal("the database is older than the oldest line of the journal (journal.keep): restore a newer backup")
	ErrNewer   = refusal("the journal holds acts of a kind that this program does not know: start the newer program that wrote them")
	ErrBehind  = refusal("the database has gone back while this node was running: it was restored, or another one answers in its place; stop every node and start again")
	ErrTaken   = refusal("another process writes this journal: give each node its own journal.node, and end the process that is still running")
)

func refusal(text string) error { return fmt.Errorf("%w: %s", ErrRefused, text) }

// Errors of Write.
var (
	// ErrFull: there is no room for another line.
	ErrFull = errors.New("the journal's disk is full; nothing was changed")
	// ErrUnwritable: the folder cannot be written now.
	ErrUnwritable   = errors.New("the journal cannot be written; nothing was changed")
	errNotRecovered = fmt.Errorf("%w: it has not been read yet", ErrUnwritable)
	errLong         = fmt.Errorf("%w: a line would be too long", ErrUnwritable)
)
