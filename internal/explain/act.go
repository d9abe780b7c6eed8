package explain

import (
	"github.com/relatingfield/vault/internal/statement"
)

// Statement says who signed when, and what it does; a line each, the first two
// always these, and what follows them belongs to the second.
func (l *Language) Statement(s *statement.Statement) []string {
	signed := l.say("signed", with{"account": l.ID(string(s.Issuer)), "date": l.Day(s.IssuedAt), "seq": l.Number(s.Seq), "vault": l.ID(s.Vault)})
	key, w, more := l.act(s)
	return append([]string{signed, l.say(key, w)}, more...)
}

// act finds the text of an act, what stands in it, and the lines behind it.
func (l *Language) act(s *statement.Statement) (key string, w with, more []string) {
	for _, about := range []func(*statement.Statement) (string, with, []string){l.aboutPeople, l.aboutParts, l.aboutGrants, l.aboutRelease, l.aboutTrust, l.aboutPartners, l.aboutCollections} {
		if key, w, more = about(s); key != "" {
			break
		}
	}
	if on, ok := s.Body.(statement.OnTestimony); ok && w != nil {
		w["testimony"] = l.ID(string(on.Subject()))
	}
	return "act." + key, w, more
}

func (l *Language) aboutPeople(s *statement.Statement) (string, with, []string) {
	switch b := s.Body.(type) {
	case *statement.Key:
		return "key", with{"role": l.Word(b.Role)}, nil
	case *statement.Apply:
		return "apply", with{"name": l.Words(b.Name), "institution": l.Words(b.Institution), "purpose": l.Words(b.Purpose)}, nil
	case *statement.Accredit:
		return "accredit", with{"reader": l.ID(string(b.Account)), "name": l.Words(b.Name), "institution": l.Words(b.Institution),
			"purpose": l.Words(b.Purpose), "from": l.Day(b.From), "until": l.lastDay(b.Until)}, nil
	case *statement.Suspend:
		return "suspend", with{"reader": l.ID(string(b.Account))}, nil
	case *statement.RosterChange:
		return "roster", with{"n": l.Number(b.RosterSeq)}, nil
	case *statement.Claim:
		return "claim", with{"reader": l.ID(string(b.Account))}, nil
	case *statement.Rekey:
		return "rekey", with{}, nil
	case *statement.CheckIn:
		return "checkin", with{}, nil
	case *statement.PauseCode:
		return "pausecode." + either(b.CodeSHA256 == "", "none", "set"), with{}, nil
	}
	return "", nil, nil
}

func (l *Language) aboutParts(s *statement.Statement) (string, with, []string) {
	part := func(n, bytes int64) with { return with{"n": l.Number(n), "bytes": l.Number(bytes)} }
	switch b := s.Body.(type) {
	case *statement.Card:
		return "card", with{}, nil
	case *statement.Begin:
		return "begin", part(b.N, b.Length), nil
	case *statement.Add:
		return "add", part(b.N, b.Length), nil
	case *statement.Received:
		return "received", part(b.N, b.Length), nil
	case *statement.Adopt:
		return "adopt", part(b.N, b.Length), nil
	case *statement.Relock:
		return "relock", part(b.N, b.Length), []string{l.say("relock.readers", with{"n": l.Number(int64(len(b.Grants)))})}
	case *statement.Rewrap:
		return "rewrap", with{}, nil
	case *statement.Erase:
		return "erase", with{}, nil
	case *statement.Mode:
		return "mode." + b.Mode, with{}, nil
	}
	return "", nil, nil
}

func (l *Language) aboutGrants(s *statement.Statement) (string, with, []string) {
	switch b := s.Body.(type) {
	case *statement.Grant:
		more := l.Terms(b.Terms)
		if b.Conditions.Policy != "" {
			more = append(more, l.say("grant.policy", with{"policy": l.ID(string(b.Conditions.Policy))}))
		}
		more = append(more, l.brought(b.Parts)...)
		if b.Labels != "" {
			more = append(more, l.say("grant.labels", with{}))
		}
		return "grant", with{"reader": l.ID(string(b.Grantee)), "parts": l.parts(b.Parts), "grant": l.ID(string(s.ID))}, more
	case *statement.Renew:
		return "renew", with{"grant": l.ID(string(b.Grant))}, l.Terms(b.Terms)
	case *statement.Narrow:
		return "narrow", with{"grant": l.ID(string(b.Grant))}, l.Terms(b.Terms)
	case *statement.Revoke:
		return "revoke", with{"grant": l.ID(string(b.Grant))}, nil
	case *statement.Ask:
		return "ask", with{"grant": l.ID(string(b.Grant)), "until": l.lastDay(b.Until), "purposes": l.Purposes(b.Purposes)}, nil
	case *statement.Answer:
		return "answer." + b.Answer, with{"grant": l.ID(string(b.Grant)), "until": l.Day(b.Until)}, nil
	case *statement.Reply:
		return "reply." + b.Reply, with{"grant": l.ID(string(b.Grant)), "reason": l.Words(b.Reason)}, nil
	}
	return "", nil, nil
}

// brought says of parts that somebody else brought what the reader is told of it.
func (l *Language) brought(parts []statement.GrantedPart) (out []string) {
	for _, p := range parts {
		if p.Brought == (statement.Brought{}) {
			continue
		}
		n := with{"n": l.Number(p.N)}
		out = append(out, l.say("grant.brought."+p.Brought.Assurance, n))
		if p.Brought.Claimed {
			out = append(out, l.say("grant.brought.claimed", n))
		}
		if p.Brought.NoteSHA256 != "" {
			out = append(out, l.say("grant.brought.named", n))
		}
	}
	return out
}

func (l *Language) aboutRelease(s *statement.Statement) (string, with, []string) {
	switch b := s.Body.(type) {
	case *statement.Pause:
		return "pause." + either(b.Testimony == "", "all", "one"), with{}, nil
	case *statement.Lift:
		return "lift." + either(b.Testimony == "", "all", "one"), with{}, nil
	case *statement.Withdraw:
		return withdrawn(b), with{"n": l.Number(b.N), "reader": l.ID(string(b.Grantee))}, nil
	}
	return "", nil, nil
}

// withdrawn names the text by what is left open.
func withdrawn(b *statement.Withdraw) string {
	key := "withdraw"
	switch {
	case b.N != 0:
		key += ".part"
	case b.Testimony != "":
		key += ".testimony"
	case b.Grantee == "":
		key += ".all"
	}
	return key + either(b.Grantee == "", "", ".reader")
}

func (l *Language) aboutTrust(s *statement.Statement) (string, with, []string) {
	switch b := s.Body.(type) {
	case *statement.Policy:
		return "policy", with{"reader": l.ID(string(b.Grantee))}, l.policy(b)
	case *statement.Recovery:
		return "recovery." + either(b.Threshold == 0, "none", "set"), with{"count": l.Number(int64(len(b.Trustees))), "threshold": l.Number(b.Threshold),
			"wait": l.days(b.Wait)}, nil
	case *statement.Trust:
		return "trust." + b.Answer, with{"of": l.ID(string(b.Of))}, nil
	case *statement.Release:
		return "release", with{"of": l.ID(string(b.Of))}, nil
	}
	return "", nil, nil
}

func (l *Language) policy(b *statement.Policy) (out []string) {
	if b.Threshold > 0 {
		out = append(out, l.say("policy.trustees", with{"count": l.Number(int64(len(b.Trustees))), "threshold": l.Number(b.Threshold)}))
	}
	if b.Silence > 0 {
		out = append(out, l.say("policy.silence", with{"silence": l.days(b.Silence), "wait": l.days(b.Wait)}))
	}
	return out
}

func (l *Language) aboutPartners(s *statement.Statement) (string, with, []string) {
	switch b := s.Body.(type) {
	case *statement.Agree:
		return "agree", with{"name": l.Words(b.Name), "partner": l.ID(string(b.Partner)), "count": l.Number(int64(len(b.Officers))),
			"from": l.Day(b.From), "until": l.lastDay(b.Until)}, []string{l.scopes(b.Scopes)}
	case *statement.Halt:
		return "halt", with{"partner": l.ID(string(b.Partner))}, nil
	case *statement.Client:
		return "client", with{"client": l.ID(string(b.Client)), "partner": l.ID(string(b.Partner)), "from": l.Day(b.From), "until": l.lastDay(b.Until)},
			[]string{l.scopes(b.Scopes)}
	case *statement.Retire:
		return "retire", with{"client": l.ID(string(b.Client)), "partner": l.ID(string(b.Partner)), "key": l.ID(string(b.Key))}, nil
	}
	return "", nil, nil
}

// scopes says what a program of a partner may do.
func (l *Language) scopes(list []statement.Scope) string {
	return l.say("scopes", with{"list": each(l, list)})
}

// actKeys are the keys of the acts, with every kind of each.
func actKeys() (out []string) {
	kinds := map[statement.Act][]string{
		statement.ActAnswer: {".refused", ".deferred"}, statement.ActPause: {".one", ".all"}, statement.ActLift: {".one", ".all"},
		statement.ActPauseKey: {".set", ".none"}, statement.ActReply: {".acknowledged", ".destroyed", ".kept", ".heard", ".thankful", ".with-care"},
		statement.ActWithdraw: {".all", ".reader", ".testimony", ".testimony.reader", ".part", ".part.reader"},
		statement.ActTrust:    {".agreed", ".declined"}, statement.ActRecovery: {".set", ".none"}, statement.ActMode: {".listening", ".evidence"},
	}
	for _, a := range statement.Acts() {
		if kinds[a] == nil {
			kinds[a] = []string{""}
		}
		for _, kind := range kinds[a] {
			out = append(out, "act."+string(a)+kind)
		}
	}
	return out
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
