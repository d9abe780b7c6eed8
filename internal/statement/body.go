package statement

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// Act names what a statement does.
type Act string

// The acts. Who may sign which is the domain's business, not this package's.
const (
	ActKey      Act = "key"
	ActApply    Act = "apply"
	ActAccredit Act = "accredit"
	ActSuspend  Act = "suspend"
	ActRoster   Act = "roster"
	ActCard     Act = "card"
	ActBegin    Act = "begin"
	ActAdd      Act = "add"
	ActReceived Act = "received"
	ActAdopt    Act = "adopt"
	ActGrant    Act = "grant"
	ActRevoke   Act = "revoke"
	ActRelock   Act = "relock"
	ActErase    Act = "erase"

	ActRenew    Act = "renew"
	ActNarrow   Act = "narrow"
	ActAsk      Act = "ask"
	ActAnswer   Act = "answer"
	ActPause    Act = "pause"
	ActLift     Act = "lift"
	ActPauseKey Act = "pausecode"
	ActCheckIn  Act = "checkin"
	ActWithdraw Act = "withdraw"
	ActReply    Act = "reply"
	ActPolicy   Act = "policy"
	ActTrust    Act = "trust"
	ActRelease  Act = "release"
	ActRecovery Act = "recovery"
	ActClaim    Act = "claim"
	ActRekey    Act = "rekey"
	ActRewrap   Act = "rewrap"
	ActMode     Act = "mode"

	ActAgree  Act = "agree"
	ActHalt   Act = "halt"
	ActClient Act = "client"
	ActRetire Act = "retire"

	ActCollection   Act = "collection"
	ActConsultation Act = "consultation"
)

// Body is the fields of one act. Implementations live in this package only.
type Body interface {
	act() Act
	check() error
}

// OnTestimony is a body that concerns one testimony.
type OnTestimony interface {
	Body
	// Subject is the testimony the act is about.
	Subject() id.ID
}

// rawBody is json.RawMessage's behaviour with a value receiver in structs.
type rawBody []byte

// MarshalJSON gives the bytes as they are.
func (r rawBody) MarshalJSON() ([]byte, error) { return r, nil }

// UnmarshalJSON keeps the bytes as they are.
func (r *rawBody) UnmarshalJSON(b []byte) error {
	*r = append(rawBody(nil), b...)
	return nil
}

// SubjectOf is the testimony that a body concerns, if it concerns one: some acts
// name a testimony or, with the name left empty, all of them.
func SubjectOf(b Body) (id.ID, bool) {
	on, ok := b.(OnTestimony)
	if !ok || on.Subject() == "" {
		return "", false
	}
	return on.Subject(), true
}

// blank makes an empty body for each act; an act that is not here does not exist.
func blank(a Act) Body {
	if b := blankRelease(a); b != nil {
		return b
	}
	if b := blankCollection(a); b != nil {
		return b
	}
	if b := blankPartner(a); b != nil {
		return b
	}
	switch a {
	case ActKey:
		return new(Key)
	case ActApply:
		return new(Apply)
	case ActAccredit:
		return new(Accredit)
	case ActSuspend:
		return new(Suspend)
	case ActRoster:
		return new(RosterChange)
	case ActCard:
		return new(Card)
	case ActBegin:
		return new(Begin)
	case ActAdd:
		return new(Add)
	case ActReceived:
		return new(Received)
	case ActAdopt:
		return new(Adopt)
	case ActGrant:
		return new(Grant)
	case ActRevoke:
		return new(Revoke)
	case ActRelock:
		return new(Relock)
	case ActErase:
		return new(Erase)
	}
	return nil
}

// ParseBody reads the fields of an act from JSON in any order and spacing, as a
// person or program wrote them who wants them signed, and checks them.
func ParseBody(a Act, text []byte) (Body, error) {
	b := blank(a)
	if b == nil {
		return nil, fmt.Errorf("unknown act %q", a)
	}
	if err := canonical.Request(text, b); err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	return b, nil
}

func parseBody(a Act, raw []byte) (Body, error) {
	b := blank(a)
	if b == nil {
		return nil, errors.New("payload: unknown act")
	}
	if err := decodeBody(raw, b); err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	return b, nil
}

// Role is what an account is.
type Role string

// The roles of DESIGN section 1 that have accounts.
const (
	Participant Role = "participant"
	Researcher  Role = "researcher"
	Steward     Role = "steward"
	Partner     Role = "partner"
)

// Key begins every chain: it binds the account's age recipient to its signing key.
type Key struct {
	Role      Role   `json:"role"`
	Recipient string `json:"recipient"` // age1pq1…, at most MaxRecipient bytes
}

// MaxRecipient bounds the text of a recipient; a hybrid one has 1,959 characters.
const MaxRecipient = 2100

func (Key) act() Act { return ActKey }

func (k Key) check() error {
	if !slices.Contains([]Role{Participant, Researcher, Steward, Partner}, k.Role) {
		return errors.New("unknown role")
	}
	if len(k.Recipient) == 0 || len(k.Recipient) > MaxRecipient {
		return errors.New("recipient is empty or too long")
	}
	return nil
}

// text checks what a person wrote: not empty, at most limit characters.
func text(name, s string, limit int) error {
	if n := utf8.RuneCountInString(s); n == 0 || n > limit {
		return fmt.Errorf("%s must have 1 to %d characters", name, limit)
	}
	return nil
}

// hashes checks that every value is 32 bytes in base64url.
func hashes(values ...string) error {
	for _, v := range values {
		if _, err := Hash32(v); err != nil {
			return err
		}
	}
	return nil
}

func subject(t id.ID) error {
	_, err := id.Parse(string(t))
	if err != nil {
		return fmt.Errorf("testimony: %w", err)
	}
	return nil
}

// optional checks an id that may be left empty.
func optional(i id.ID) error {
	if i == "" {
		return nil
	}
	_, err := id.Parse(string(i))
	return err
}

// first gives the first error there is.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
