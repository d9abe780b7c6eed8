package grant

import "fmt"

// believed refuses to decide by a clock that has jumped: an embargo would end
// early, or a term go on for too long. A stream ends with its lease.
func (g *Grants) believed() error {
	if g.Believed == nil {
		return nil
	}
	if err := g.Believed(); err != nil {
		return fmt.Errorf("decide whether a grant is live: %w", err)
	}
	return nil
}
