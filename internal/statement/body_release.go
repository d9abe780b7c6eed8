package statement

import (
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/id"
)

// blankRelease makes an empty body of the acts by which she decides about release
// and by which others answer her.
func blankRelease(a Act) Body {
	switch a {
	case ActRenew:
		return new(Renew)
	case ActNarrow:
		return new(Narrow)
	case ActAsk:
		return new(Ask)
	case ActAnswer:
		return new(Answer)
	case ActPause:
		return new(Pause)
	case ActLift:
		return new(Lift)
	case ActPauseKey:
		return new(PauseCode)
	case ActCheckIn:
		return new(CheckIn)
	case ActWithdraw:
		return new(Withdraw)
	case ActReply:
		return new(Reply)
	case ActPolicy:
		return new(Policy)
	case ActTrust:
		return new(Trust)
	case ActRelease:
		return new(Release)
	case ActRecovery:
		return new(Recovery)
	case ActClaim:
		return new(Claim)
	case ActRekey:
		return new(Rekey)
	case ActRewrap:
		return new(Rewrap)
	case ActMode:
		return new(Mode)
	}
	return nil
}

// Renew gives a grant new terms, wider or narrower, under an accreditation that
// counts now. Headers and parts stay as they are.
type Renew struct {
	Testimony     id.ID  `json:"testimony"`
	Grant         id.ID  `json:"grant"`
	Accreditation string `json:"accreditation"` // hash of the accredit body she relied on
	Terms
}

func (Renew) act() Act         { return ActRenew }
func (r Renew) Subject() id.ID { return r.Testimony }

func (r Renew) check() error {
	return first(subject(r.Testimony), named("grant", r.Grant), hashes(r.Accreditation), r.Terms.check())
}

// Narrow takes back part of what a grant allows. Its terms lie within those in
// force; it needs nobody's leave.
type Narrow struct {
	Testimony id.ID `json:"testimony"`
	Grant     id.ID `json:"grant"`
	Terms
}

func (Narrow) act() Act         { return ActNarrow }
func (n Narrow) Subject() id.ID { return n.Testimony }

func (n Narrow) check() error {
	return first(subject(n.Testimony), named("grant", n.Grant), n.Terms.check())
}

// Ask is a reader's request to renew or widen a grant she was given. It names no
// testimony: it stands in the reader's chain, which erasing must not tear.
type Ask struct {
	Grant    id.ID     `json:"grant"`
	Purposes []Purpose `json:"purposes"` // sorted, at least one
	Until    int64     `json:"until"`    // Unix seconds
}

func (Ask) act() Act { return ActAsk }

func (a Ask) check() error {
	if len(a.Purposes) == 0 || !sortedSubset(a.Purposes, Purposes()) || a.Until <= 0 {
		return errors.New("purposes must be known, sorted, each named once, and at least one; until is a time")
	}
	return named("grant", a.Grant)
}

// The answers to a request besides yes, which is a renew statement.
const (
	Refused  = "refused"
	Deferred = "deferred" // not now: she is not asked again before Until
)

// Answer is her no, or not now, to a reader's request.
type Answer struct {
	Testimony id.ID  `json:"testimony"`
	Grant     id.ID  `json:"grant"`
	Answer    string `json:"answer"` // refused or deferred
	Until     int64  `json:"until"`  // of deferred: Unix seconds, a whole day; 0 of refused
}

func (Answer) act() Act         { return ActAnswer }
func (a Answer) Subject() id.ID { return a.Testimony }

func (a Answer) check() error {
	if a.Answer != Refused && a.Answer != Deferred || (a.Answer == Deferred) != (a.Until > 0) || a.Until%Day != 0 {
		return errors.New("answer is refused, with until 0, or deferred, with a whole day")
	}
	return first(subject(a.Testimony), named("grant", a.Grant))
}

// Pause stops every reading of a testimony, or of all of hers, until she lifts it.
type Pause struct {
	Testimony id.ID `json:"testimony"` // empty: everything
}

func (Pause) act() Act         { return ActPause }
func (p Pause) Subject() id.ID { return p.Testimony }
func (p Pause) check() error   { return optional(p.Testimony) }

// Lift ends a pause, however it came about.
type Lift struct {
	Testimony id.ID `json:"testimony"` // empty: the pause of everything; those of single testimonies stay
}

func (Lift) act() Act         { return ActLift }
func (l Lift) Subject() id.ID { return l.Testimony }
func (l Lift) check() error   { return optional(l.Testimony) }

// PauseCode sets the code by which somebody she trusts can pause everything, and
// do nothing else. A new one replaces the old.
type PauseCode struct {
	CodeSHA256 string `json:"code_sha256"` // empty: no code is good any more
}

func (PauseCode) act() Act { return ActPauseKey }

func (p PauseCode) check() error {
	if p.CodeSHA256 == "" {
		return nil
	}
	return hashes(p.CodeSHA256)
}

// CheckIn says that she is there, and nothing else; every other act of hers says
// it as well.
type CheckIn struct{}

func (CheckIn) act() Act     { return ActCheckIn }
func (CheckIn) check() error { return nil }

// Withdraw ends all grants on a part, on a testimony, of a reader, of a reader on
// a testimony or, with everything left empty, all there are.
type Withdraw struct {
	Testimony id.ID         `json:"testimony"` // empty: all testimonies
	N         int64         `json:"n"`         // 0: all parts; other only with a testimony
	Grantee   id.Thumbprint `json:"grantee"`   // empty: all readers
}

func (Withdraw) act() Act         { return ActWithdraw }
func (w Withdraw) Subject() id.ID { return w.Testimony }

func (w Withdraw) check() error {
	if w.N != 0 && (w.Testimony == "" || partNumber(w.N) != nil) {
		return errors.New("n is a part of the testimony that is named, or 0")
	}
	if w.Grantee != "" {
		if _, err := id.ParseThumbprint(string(w.Grantee)); err != nil {
			return fmt.Errorf("grantee: %w", err)
		}
	}
	return optional(w.Testimony)
}

// What a reader can reply to the end of a grant.
const (
	Acknowledged = "acknowledged"
	Destroyed    = "destroyed" // attests that every copy is gone
	Kept         = "kept"      // refuses to destroy, and says why
)

// What a reader can say to her about what she gave, while it stands: fixed words, so
// that nothing else can be written to her.
const (
	Heard    = "heard"     // I have heard you
	Thankful = "thankful"  // thank you for trusting me with it
	WithCare = "with-care" // I carry it with care
)

// Hearings lists what says that she was heard.
func Hearings() []string { return []string{Heard, Thankful, WithCare} }

// Reply is a reader's answer: to the end of a grant, or that she was heard.
type Reply struct {
	Grant  id.ID  `json:"grant"`
	Reply  string `json:"reply"`  // acknowledged, destroyed or kept; or one of Hearings
	Reason string `json:"reason"` // of kept, 1 to 500 characters; else empty
}

func (Reply) act() Act { return ActReply }

// Hears says whether it tells her that she was heard.
func (r Reply) Hears() bool { return slices.Contains(Hearings(), r.Reply) }

func (r Reply) check() error {
	if !slices.Contains([]string{Acknowledged, Destroyed, Kept}, r.Reply) && !r.Hears() {
		return errors.New("reply is acknowledged, destroyed or kept, or says that she was heard")
	}
	if (r.Reply == Kept) != (r.Reason != "") {
		return errors.New("a reason is given for keeping, and only for that")
	}
	if r.Reason != "" {
		if err := text("reason", r.Reason, 500); err != nil {
			return err
		}
	}
	return named("grant", r.Grant)
}

// The modes of a testimony.
const (
	Listening = "listening" // the default: no metadata beyond a digest
	Evidence  = "evidence"
)

// Mode switches a testimony between listening and evidence, a separate act with
// its own warning.
type Mode struct {
	Testimony     id.ID  `json:"testimony"`
	Mode          string `json:"mode"`           // listening or evidence
	WarningSHA256 string `json:"warning_sha256"` // of evidence: the SHA-256 of the text she was shown; else empty
}

func (Mode) act() Act         { return ActMode }
func (m Mode) Subject() id.ID { return m.Testimony }

func (m Mode) check() error {
	switch m.Mode {
	case Evidence:
		return first(subject(m.Testimony), hashes(m.WarningSHA256))
	case Listening:
		if m.WarningSHA256 == "" {
			return subject(m.Testimony)
		}
	}
	return errors.New("mode is listening, without a warning, or evidence, with the hash of the one that was shown")
}

func named(what string, i id.ID) error {
	if _, err := id.Parse(string(i)); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
