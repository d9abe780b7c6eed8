package machine

import (
	"fmt"

	"github.com/relatingfield/vault/internal/release"
)

// Kind is what somebody does. The names are those of docs/model/Release.tla.
type Kind string

// The actions, with the fields of Action that each uses.
const (
	Give     Kind = "Give"     // Grant, Testimony, Parts, Terms, Policy
	Renew    Kind = "Renew"    // Grant, Terms
	Narrow   Kind = "Narrow"   // Grant, Terms within those in force
	Revoke   Kind = "Revoke"   // Grant
	Withdraw Kind = "Withdraw" // everything of hers, or Testimony and Part as Whole says
	Relock   Kind = "Relock"   // Testimony, Part
	Erase    Kind = "Erase"    // Testimony
	Pause    Kind = "Pause"    // Testimony, or everything (Whole)
	Lift     Kind = "Lift"     // Testimony, or everything (Whole)
	CheckIn  Kind = "CheckIn"  // nothing
	Release  Kind = "Release"  // Grant, Trustee
	Reply    Kind = "Reply"    // Grant: the reader attests that every copy is gone
	Suspend  Kind = "Suspend"  // nothing
	Tick     Kind = "Tick"     // By
	Open     Kind = "Open"     // Grant, Part
	Go       Kind = "Go"       // Grant, Part: may a stream under way go on?
)

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{Give, Renew, Narrow, Revoke, Withdraw, Relock, Erase, Pause, Lift, CheckIn, Release, Reply, Suspend, Tick, Open, Go}
}

// Scope says how much an act is about.
type Scope uint8

// The scopes: one testimony (and for Withdraw one part of it), or all of hers.
const (
	OfPart Scope = iota
	OfTestimony
	OfAll
)

// Action is one thing that somebody does. Fields that its kind does not use are
// zero.
type Action struct {
	Kind      Kind
	Grant     uint8
	Testimony uint8
	Part      uint8
	Parts     uint8 // of Give, one bit each
	Trustee   uint8
	Scope     Scope
	Terms     Terms
	Policy    Policy
	By        Second
}

// String says it in words.
func (a Action) String() string {
	switch a.Kind {
	case Give:
		return fmt.Sprintf("she gives grant %d on testimony %d, parts %02b, from %d until %d, %s%s", a.Grant, a.Testimony, a.Parts, a.Terms.From, a.Terms.Until, reads(a.Terms.Max), a.Policy)
	case Renew, Narrow:
		return fmt.Sprintf("she %ss grant %d: from %d until %d, %s", lower(a.Kind), a.Grant, a.Terms.From, a.Terms.Until, reads(a.Terms.Max))
	case Revoke:
		return fmt.Sprintf("she revokes grant %d", a.Grant)
	case Relock:
		return fmt.Sprintf("she locks part %d of testimony %d anew", a.Part, a.Testimony)
	case Erase, Pause, Lift, Withdraw:
		return fmt.Sprintf("she %ss %s", lower(a.Kind), a.about())
	case CheckIn:
		return "she checks in"
	case Release:
		return fmt.Sprintf("trustee %d releases the share of grant %d", a.Trustee, a.Grant)
	case Reply:
		return fmt.Sprintf("the reader attests that nothing is left of grant %d", a.Grant)
	case Suspend:
		return "the stewards suspend the reader"
	case Tick:
		return fmt.Sprintf("%d seconds pass", a.By)
	case Open:
		return fmt.Sprintf("the reader opens part %d of grant %d", a.Part, a.Grant)
	case Go:
		return fmt.Sprintf("a stream of part %d of grant %d asks to go on", a.Part, a.Grant)
	}
	return string(a.Kind)
}

func (a Action) about() string {
	switch {
	case a.Scope == OfAll:
		return "everything"
	case a.Kind == Withdraw && a.Scope == OfPart:
		return fmt.Sprintf("part %d of testimony %d", a.Part, a.Testimony)
	}
	return fmt.Sprintf("testimony %d", a.Testimony)
}

// String says what is asked for, after a comma, or nothing.
func (p Policy) String() string {
	s := ""
	if p.Threshold > 0 {
		s += fmt.Sprintf(", when %d trustees have released it", p.Threshold)
	}
	if p.Silence > 0 {
		s += fmt.Sprintf(", when she is silent for %d and then %d seconds", p.Silence, p.Wait)
	}
	return s
}

func reads(most uint8) string {
	if most == 0 {
		return "as often as needed"
	}
	return fmt.Sprintf("at most %d times", most)
}

func lower(k Kind) string { return string(k[0]+'a'-'A') + string(k[1:]) }

// Outcome is the answer to an action.
type Outcome struct {
	Done   bool          // it was accepted, or the reader was served
	Read   bool          // a header was delivered: one read more
	Stands release.State // of a reader's action: how the grant stood
	Entry  Entry         // what an accepted act leaves in the journal
}
