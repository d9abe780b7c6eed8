package machine

import "github.com/relatingfield/vault/internal/release"

// Step does one action. What is refused changes nothing.
func Step(s State, a Action) (State, Outcome) {
	switch a.Kind {
	case Tick:
		s.Now += a.By
		return s, Outcome{Done: true}
	case Open, Go:
		return read(s, a)
	case Release:
		return s.release(a)
	case Reply:
		return s.reply(a)
	case Suspend:
		if s.Suspended {
			return s, Outcome{}
		}
		s.Suspended = true
		return s, Outcome{Done: true, Entry: Entry{Kind: "suspended"}}
	}
	next, entry, ok := s.her(a)
	if !ok {
		return s, Outcome{}
	}
	next = next.heard(day(s.Now)) // every act of hers says that she is there
	entry.Day = next.LastDay
	if entry.Kind == "" {
		entry.Kind = "checked-in"
	}
	return next, Outcome{Done: true, Entry: entry}
}

// day is the first second of a day, also before the beginning of time.
func day(t Second) Second {
	d := t % release.Day
	if d < 0 {
		d += release.Day
	}
	return t - d
}

// heard ends her silence. Trustees who spoke in it have to speak again in the next.
func (s State) heard(day Second) State {
	if day <= s.LastDay {
		return s
	}
	s.LastDay = day
	for n := range s.Grants {
		if p := &s.Grants[n].Policy; p.Silence > 0 {
			p.Released = 0
		}
	}
	return s
}

// her does an act of hers, or says that it is refused.
func (s State) her(a Action) (State, Entry, bool) {
	switch a.Kind {
	case Give:
		return s.give(a)
	case Renew:
		return s.renew(a)
	case Narrow:
		return s.narrow(a)
	case Revoke:
		return s.revoke(a)
	case Withdraw:
		return s.withdraw(a)
	case Relock:
		return s.relock(a)
	case Erase:
		return s.erase(a)
	case Pause, Lift:
		return s.pause(a)
	case CheckIn:
		return s, Entry{}, true
	}
	return s, Entry{}, false
}

// read serves a reader, or says how the grant stands instead. Go belongs to a
// session that was begun, whether or not it is over: it counts no read.
func read(s State, a Action) (State, Outcome) {
	f := s.Facts(a.Grant, a.Part)
	f.InSession = f.InSession || a.Kind == Go
	out := Outcome{Stands: release.Decide(f, int64(s.Now))}
	out.Done = out.Stands == release.Live
	if !out.Done || f.InSession {
		return s, out
	}
	out.Read = true
	s = s.Record(a.Grant, a.Part)
	if s.Grants[a.Grant].Max > 0 {
		out.Entry = Entry{Kind: "read", Grant: a.Grant, Part: a.Part, Value: s.Grants[a.Grant].Parts[a.Part].Reads}
	}
	return s, out
}

// Record counts a read, with its event, whoever decided that it may happen.
func (s State) Record(grant, part uint8) State {
	g := &s.Grants[grant]
	p := &g.Parts[part]
	p.Reads++
	p.Until = min(s.Now+s.Session, g.Until)
	s.Events++
	return s
}

// release counts a trustee's share, once. Where her silence plays a part, trustees
// are heard only while it lasts, and nobody is heard about what is paused.
func (s State) release(a Action) (State, Outcome) {
	g := &s.Grants[a.Grant]
	t := s.Testimonies[g.Testimony]
	if !g.Given || t.Erased || g.Policy.Threshold == 0 || s.Paused || t.Paused || !s.policy(*g).Open(int64(s.Now)) {
		return s, Outcome{}
	}
	g.Policy.Released |= 1 << a.Trustee
	return s, Outcome{Done: true}
}

// reply is the reader's last word about all that has ended of a grant.
func (s State) reply(a Action) (State, Outcome) {
	g := &s.Grants[a.Grant]
	if g.Owes == 0 {
		return s, Outcome{}
	}
	g.Owes = 0
	return s, Outcome{Done: true}
}

// Late says whether the reader owes an answer past its day. Such a reader gets no
// new grants.
func (s State) Late() bool {
	for _, g := range s.Grants {
		if g.Owes != 0 && s.Now >= g.Owes {
			return true
		}
	}
	return false
}

// due is when an answer to what ends today is late.
func (s State) due() Second { return day(s.Now) + release.Day + s.Answer }
