package testimony

import (
	"context"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// SealedHere is what the vault made of a plaintext: a header to its recipient and
// the payload, in memory where it is small, in an object that nothing names yet
// where it is large.
type SealedHere struct {
	Binding statement.Binding
	Header  []byte
	Inline  []byte
	Object  id.ID // empty where Inline is it; whoever does not name it discards it
}

// Seal seals a body to a recipient as it streams in, for a domain that takes
// plaintext for somebody. Of the arrival only Info, Length and Body count. The
// plaintext and the file key exist in memory only, a few MiB at a time; of a body
// that ends early nothing stays.
func (v *Vault) Seal(ctx context.Context, recipient string, a Arrival) (SealedHere, error) {
	if !v.OnArrival {
		return SealedHere{}, ErrArrivalOff
	}
	return v.Wrap(ctx, recipient, a)
}

// Wrap is Seal for what is encrypted to somebody already. An operator who has the
// vault take no plaintext has it take this.
func (v *Vault) Wrap(ctx context.Context, recipient string, a Arrival) (SealedHere, error) {
	if a.Info.Captured != nil {
		return SealedHere{}, ErrCaptured
	}
	s, err := v.newSealer(recipient, a)
	if err != nil {
		return SealedHere{}, err
	}
	defer s.key.Wipe()
	st, err := s.run(ctx, v, a)
	if err != nil {
		return SealedHere{}, err
	}
	return SealedHere{Binding: s.binding(st.sum), Header: s.header, Inline: st.inline, Object: st.object}, nil
}
