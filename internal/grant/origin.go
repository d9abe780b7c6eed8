package grant

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Origin is how a part came that somebody else brought: the note, and what it says.
type Origin struct {
	Note string
	Said *delivery.Note
}

// Origins reads what is stored of how the parts of a testimony came, by number, to be
// opened with the testimony's key; nil for a testimony of which nothing was brought.
type Origins func(ctx context.Context, tx store.Tx, testimony id.ID) (func(*shred.Key) (map[int64]Origin, error), error)

func (g *Grants) origins(ctx context.Context, tx store.Tx, testimony id.ID) (func(*shred.Key) (map[int64]Origin, error), error) {
	if g.Origins == nil {
		return nil, nil
	}
	return g.Origins(ctx, tx, testimony)
}

// holdOrigins opens what is stored of how parts came, and holds the grant against it.
func holdOrigins(body *statement.Grant, key *shred.Key, open func(*shred.Key) (map[int64]Origin, error)) error {
	var of map[int64]Origin
	if open != nil {
		var err error
		if of, err = open(key); err != nil {
			return err
		}
	}
	return checkOrigins(body, of)
}

// checkOrigins holds what she says of how parts came against their notes. A client
// that left it out, or said something better, would have the reader believe that she
// made what a partner brought.
func checkOrigins(body *statement.Grant, of map[int64]Origin) error {
	for _, p := range body.Parts {
		came, brought := of[p.N]
		if !brought {
			if p.Brought != (statement.Brought{}) {
				return fmt.Errorf("%w: nobody brought part %d", statement.ErrRefused, p.N)
			}
			continue
		}
		if err := came.says(p.Brought); err != nil {
			return fmt.Errorf("%w: part %d: %w", statement.ErrRefused, p.N, err)
		}
	}
	return nil
}

var errOrigin = errors.New("it was brought, and the grant does not say how as its note has it")

func (o Origin) says(b statement.Brought) error {
	sum := sha256.Sum256([]byte(o.Note))
	named := b.NoteSHA256 == "" || b.NoteSHA256 == statement.B64(sum[:])
	if b.Assurance != string(o.Said.Assurance) || b.Claimed != (o.Said.Replaces.Testimony != "") || !named {
		return errOrigin
	}
	return nil
}

// Came is what a reader is told of how a part came. Note is there where she lets the
// reader see who brought it, and when.
type Came struct {
	Assurance delivery.Assurance
	Claimed   bool
	Readable  bool // the partner could read it before it was hers
	Note      string
	Said      *delivery.Note // of Note
}

// came is what the reader is told of the parts of a grant, by number. A grant from
// before she could say is told the assurance, by the vault's word alone.
func (g *Grants) came(ctx context.Context, tx store.Tx, grant *statement.Grant) (map[int64]Came, error) {
	open, err := g.origins(ctx, tx, grant.Testimony)
	if err != nil || open == nil {
		return nil, err
	}
	key, err := g.Keys.Load(ctx, tx, grant.Testimony)
	if err != nil {
		return nil, err
	}
	all, err := open(key)
	if err != nil {
		return nil, err
	}
	out := map[int64]Came{}
	for _, p := range grant.Parts {
		o, brought := all[p.N]
		if !brought {
			continue
		}
		c := Came{Assurance: o.Said.Assurance, Claimed: o.Said.Replaces.Testimony != "", Readable: o.Said.Readable()}
		if p.Brought.NoteSHA256 != "" {
			c.Note, c.Said = o.Note, o.Said
		}
		out[p.N] = c
	}
	return out, nil
}
