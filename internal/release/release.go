// Package release decides whether a reader may open a part now. It is a pure
// function over facts: no clock, no database, no randomness.
//
// Everything that lets a header leave the vault asks Decide in the transaction
// that records the opening, and everything that keeps a stream running asks it
// again; lists ask it to say how a grant stands. What the model in docs/model
// proves is proved about this function.
//
// Promises: Live is answered only when every condition holds at the second that
// is asked about; of two facts that differ in nothing but a restriction, the more
// restricted one is never Live when the other is not. Assumes: the facts were read
// in one serializable transaction. Does not: read or write anything.
//
// Source: docs/protocol.md section 9.
package release

// State is how a grant stands for one reader and one part.
type State string

// The states, in the order in which Decide looks: the first that applies. All but
// Live serve nothing.
const (
	Revoked   State = "revoked"   // or withdrawn; its headers are destroyed
	Ended     State = "ended"     // its term is over
	Suspended State = "suspended" // the accreditation it rests on does not count now
	Held      State = "held"      // an older backup was restored: she has to renew it
	Paused    State = "paused"    // she paused it, the testimony, or everything
	Waiting   State = "waiting"   // its term has not begun
	Withheld  State = "withheld"  // its policy is not fulfilled: trustees, or her silence
	UsedUp    State = "used-up"   // opened as often as she allowed
	Live      State = "live"
)

// States lists them in order.
func States() []State {
	return []State{Revoked, Ended, Suspended, Held, Paused, Waiting, Withheld, UsedUp, Live}
}

// Day is the length of a day in seconds.
const Day = 86400

// Facts are what the decision rests on. Times are Unix seconds of the vault's
// clock; no other clock counts.
type Facts struct {
	Revoked    bool
	Accredited bool // the accreditation counts now
	Held       bool
	Paused     bool
	From       int64 // the first second of the term
	Until      int64 // the first second after it
	Reads      int64 // sessions begun of this part under this grant
	MaxReads   int64 // 0: as often as needed
	InSession  bool  // a session that was begun goes on: no new read
	Policy     *Policy
}

// Policy is what has to have happened beside the term.
type Policy struct {
	Threshold int64 // trustees that must have released their share; 0: none
	Released  int64 // trustees that have
	Silence   int64 // seconds without an act of hers; 0: plays no part
	Wait      int64 // seconds after that in which she can say no
	LastDay   int64 // the first second of the day of her last act
}

// Decide says how the grant stands at now.
func Decide(f Facts, now int64) State {
	switch {
	case f.Revoked:
		return Revoked
	case now >= f.Until:
		return Ended
	case !f.Accredited:
		return Suspended
	case f.Held:
		return Held
	case f.Paused:
		return Paused
	case now < f.From:
		return Waiting
	case f.Policy != nil && !f.Policy.Fulfilled(now):
		return Withheld
	case !f.InSession && f.MaxReads > 0 && f.Reads >= f.MaxReads:
		return UsedUp
	}
	return Live
}

// Fulfilled says whether everything the policy asks for has happened, and still
// holds: an act of hers ends her silence however late it comes.
func (p *Policy) Fulfilled(now int64) bool {
	return p.Released >= p.Threshold && p.Open(now)
}

// Open says whether her silence, where it plays a part, has lasted long enough
// for trustees to vote or the reader to read.
func (p *Policy) Open(now int64) bool {
	return p.Silence == 0 || now >= p.ReleaseAt()
}

// NoticeAt is when her silence is noticed and the waiting period begins. Only the
// day of her last act is known, so it counts from the end of that day: she is
// never given less time than she set.
func (p *Policy) NoticeAt() int64 { return p.LastDay + Day + p.Silence }

// ReleaseAt is the first second at which her silence counts as lasting.
func (p *Policy) ReleaseAt() int64 { return p.NoticeAt() + p.Wait }
