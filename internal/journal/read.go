package journal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
)

// chain is what reading a node's journal brings out.
type chain struct {
	node     string
	vault    string
	base     mark // the record before the first; zero when the journal is whole
	head     Head // of the last record; zero: there is none
	firstDay int64
	lastDay  int64
	files    []segment
	size     int64 // of the last file, without a torn end
	torn     int64 // bytes of an unfinished last line
	carried  bool  // a record says that what came before base was dropped
	thorough bool  // every signature is checked, not only the last
}

// visit is called for each record in order. known says that only its hash matters.
type visit func(body []byte, h Head) error

// read follows a node's journal from its first file to its last, and checks that
// it is whole, in order, and signed for the vault and node by one of the keys. One
// signature, the last, is enough: it covers the hash of everything before it.
func (p Place) read(node string, thorough bool, see visit) (*chain, error) {
	c := &chain{node: node, vault: p.Vault, thorough: thorough}
	var err error
	if c.files, err = p.segments(node); err != nil {
		return nil, err
	}
	for i, s := range c.files {
		if err := c.file(p, s, i == len(c.files)-1, see); err != nil {
			return c, fmt.Errorf("node %s, %s: %w", node, s.path, err)
		}
	}
	switch {
	case c.head.Seq == 0:
		return c, nil
	case !c.head.vouched(c.vault, p.Keys):
		return c, fmt.Errorf("node %s, line %d: %w", node, c.head.Seq, ErrForeign)
	case c.base.Seq > 0 && !c.carried:
		return c, fmt.Errorf("node %s: it begins with line %d: %w", node, c.base.Seq+1, ErrGap)
	}
	return c, nil
}

// file reads one file. Only the last may end in the middle of a line.
func (c *chain) file(p Place, s segment, last bool, see visit) error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 64<<10)
	c.size, c.torn = 0, 0
	for first := true; ; first = false {
		line, err := whole(lines)
		if errors.Is(err, io.EOF) {
			c.torn = int64(len(line))
			if len(line) > 0 && !last {
				return ErrGap
			}
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.take(p, s, first, line[:len(line)-1], see); err != nil {
			return err
		}
		c.size += int64(len(line))
	}
}

// whole reads a line with its end; io.EOF comes with what is there of one without.
func whole(r *bufio.Reader) ([]byte, error) {
	var long []byte
	for {
		piece, err := r.ReadSlice('\n')
		if long == nil && err == nil {
			return piece, nil
		}
		long = append(long, piece...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && len(long) <= maxLine:
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, ErrForged
		default:
			return long, err
		}
	}
}

// take checks a line against the one before it.
func (c *chain) take(p Place, s segment, first bool, line []byte, see visit) error {
	body, sig, ok := split(line)
	if !ok {
		return fmt.Errorf("after line %d: %w", c.head.Seq, ErrForged)
	}
	if c.head.Seq == 0 && first {
		if err := c.begin(body, s); err != nil {
			return err
		}
	}
	seq := c.head.Seq + 1
	if !begins(body, seq, c.head.Hash) || first && seq != s.first {
		return c.misfit(body, seq)
	}
	h := Head{Node: c.node, Seq: seq, Hash: sha256.Sum256(body), Sig: sig}
	if err := c.notice(p, first, body, h); err != nil {
		return fmt.Errorf("line %d: %w", seq, err)
	}
	c.head = h
	return see(body, h)
}

// begin learns where the journal begins: not at 1 if older files were dropped.
func (c *chain) begin(body []byte, s segment) error {
	if s.first == 1 {
		return nil
	}
	r, err := parse(body)
	if err != nil || r.Seq != s.first || !unb64(c.head.Hash[:], r.Prev) {
		return ErrForged
	}
	c.base = mark{r.Seq - 1, r.Prev}
	c.head.Seq = r.Seq - 1
	return nil
}

// misfit tells a line that is out of its place from one that was altered.
func (c *chain) misfit(body []byte, want int64) error {
	r, err := parse(body)
	switch {
	case err != nil:
		return fmt.Errorf("line %d: %w", want, ErrForged)
	case r.Seq != want:
		return fmt.Errorf("line %d where %d belongs: %w", r.Seq, want, ErrGap)
	}
	return fmt.Errorf("line %d does not follow the one before it: %w", want, ErrForged)
}

// notice keeps what matters of a record for the chain itself.
func (c *chain) notice(p Place, first bool, body []byte, h Head) error {
	if first || c.thorough || bytes.Contains(body, []byte(`,"dropped":{`)) {
		r, err := parse(body)
		if err != nil {
			return ErrForged
		}
		if first {
			if err := c.own(r); err != nil {
				return err
			}
		}
		if c.firstDay == 0 {
			c.firstDay = r.Day
		}
		c.lastDay = r.Day
		if d := r.Dropped; d != nil && *d == c.base {
			c.carried = true
		}
	}
	if c.thorough && !h.vouched(c.vault, p.Keys) {
		return ErrForeign
	}
	return nil
}

// own makes sure that a file says it belongs here.
func (c *chain) own(r record) error {
	if r.Of == nil || r.Of.Node != c.node || c.vault != "" && r.Of.Vault != c.vault {
		return ErrForeign
	}
	c.vault = r.Of.Vault
	return nil
}

// Heads reads the ends of all journals, checking their chains on the way.
func (p Place) Heads() ([]Head, error) {
	nodes, err := p.nodes()
	if err != nil {
		return nil, err
	}
	var out []Head
	for _, n := range nodes {
		c, err := p.read(n, false, func([]byte, Head) error { return nil })
		if err != nil {
			return nil, err
		}
		if c.head.Seq > 0 {
			out = append(out, c.head)
		}
	}
	return out, nil
}
