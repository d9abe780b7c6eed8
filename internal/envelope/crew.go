package envelope

import "io"

// Crew is who seals: as many at a time as there are cores, however many streams
// they seal. A server that lets every stream take every core leaves none for
// whoever asks for something small meanwhile.
type Crew struct{ turns chan struct{} }

// NewCrew makes a crew of so many, from 1 to 16.
func NewCrew(n int) *Crew { return &Crew{make(chan struct{}, min(max(n, 1), maxWorkers))} }

// Seal is the function Seal, with this crew's hands.
func (c *Crew) Seal(dst io.Writer, src io.Reader, key FileKey, nonce [NonceSize]byte) (Sealed, error) {
	return sealWith(c, dst, src, key, nonce)
}

// taking makes a stage wait for a turn. It holds the turn while it computes and
// never while it waits for anything else, so turns always come.
func (c *Crew) taking(s stage) stage {
	return func(b *batch) error {
		c.turns <- struct{}{}
		defer func() { <-c.turns }()
		return s(b)
	}
}
