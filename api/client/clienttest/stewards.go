package clienttest

import (
	"crypto/rand"
	"slices"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
)

func (v *Vault) info(*request) (any, error) {
	info := v.Info
	info.Time = v.now().Unix()
	return &info, nil
}

func (v *Vault) getRoster(*request) (any, error) {
	return &api.Roster{Links: append([]api.RosterLink(nil), v.links...)}, nil
}

func (v *Vault) enrolment(*request) (any, error) {
	if v.Info.Enrolment != api.ModeOpen {
		return &api.Enrolment{Mode: v.Info.Enrolment}, nil
	}
	return &api.Enrolment{Mode: api.ModeOpen, Challenge: v.work.Issue(), Bits: 4}, nil
}

func (v *Vault) enrol(_ *request, in api.Enrol) (any, error) {
	s, err := statement.Parse(in.Statement)
	if err != nil {
		return nil, refused{name: api.ProblemStatementRefused}
	}
	key, ok := s.Body.(*statement.Key)
	if !ok {
		return nil, refused{name: api.ProblemStatementRefused}
	}
	if v.accounts[s.Issuer] != nil {
		return nil, refused{name: api.ProblemConflict}
	}
	if !v.admits(s.Issuer, key.Role, in) {
		return nil, refused{name: api.ProblemEnrolmentRefused}
	}
	v.accounts[s.Issuer] = &account{role: key.Role, key: s.Issuer, signer: s.Issuer}
	_, a, err := v.accept(s.Issuer, in.Statement)
	return &a, err
}

func (v *Vault) admits(who api.Account, role api.Role, in api.Enrol) bool {
	if _, ok := v.roster.Steward(who); role == statement.Steward {
		return ok
	}
	if in.Invitation != "" {
		ok := v.codes[in.Invitation] == role
		delete(v.codes, in.Invitation)
		return ok
	}
	return v.Info.Enrolment == api.ModeOpen && v.work.Check(in.Challenge, string(who), in.Solution) == nil
}

func (v *Vault) invite(_ *request, in api.Invite) (any, error) {
	code, err := id.New(rand.Reader)
	v.codes[string(code)] = in.Role
	return &api.Invitation{Invitation: string(code), Expires: v.now().Unix() + 7*statement.Day}, err
}

func (v *Vault) statements(r *request) (any, error) {
	after, err := strconv.Atoi(r.URL.Query().Get("after"))
	if err != nil {
		return nil, refused{name: api.ProblemBadRequest}
	}
	a := v.accounts[r.who]
	if a == nil {
		return &api.Chain{Statements: []api.Entry{}}, nil
	}
	after = min(after, len(a.chain))
	end := min(after+int(v.Info.Limits.StatementsPage), len(a.chain))
	return &api.Chain{Statements: append([]api.Entry{}, a.chain[after:end]...), Head: a.head()}, nil
}

func (v *Vault) postRoster(r *request, in api.ProposeRoster) (any, error) {
	if _, ok := v.roster.Steward(r.who); !ok {
		return nil, notFound()
	}
	_, body, a, err := said[*statement.RosterChange](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	h := api.HashOf(in.Document)
	if body.DocumentSHA256 != h.String() {
		return nil, refused{name: api.ProblemDigestMismatch}
	}
	v.proposals[h] = append(v.proposals[h], in.Statement)
	var voices []api.Account
	for _, text := range v.proposals[h] {
		s, err := statement.Parse(text)
		if err != nil {
			return nil, err
		}
		voices = append(voices, s.Issuer)
	}
	answer := &api.RosterProposed{Accepted: a, Approvals: len(voices), Threshold: v.roster.Threshold()}
	if next, err := v.roster.Follow(roster.Link{Document: in.Document, Approvers: voices}); err == nil {
		v.roster, answer.Effective = next, true
		v.links = append(v.links, api.RosterLink{Document: in.Document, Approvals: v.proposals[h]})
	}
	return answer, nil
}

func (v *Vault) apply(r *request, in api.Signed) (any, error) {
	_, _, a, err := said[*statement.Apply](v, r.who, in.Statement)
	if err == nil {
		v.researchers[r.who] = &api.Researcher{Key: v.accounts[r.who].chain[0].Statement, Apply: in.Statement, Accredit: []string{}, Suspend: []string{}}
	}
	return &a, err
}

func (v *Vault) applications(*request) (any, error) {
	out := &api.Applications{Applications: []api.Application{}}
	for _, who := range v.sortedResearchers() {
		r := v.researchers[who]
		if v.voices(r.Accredit) < v.roster.Threshold() {
			out.Applications = append(out.Applications, api.Application{Key: r.Key, Apply: r.Apply, Accredit: slices.Clone(r.Accredit)})
		}
	}
	return out, nil
}

func (v *Vault) accredit(r *request, in api.Signed) (any, error) {
	s, body, a, err := said[*statement.Accredit](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	known := v.researchers[body.Account]
	if known == nil {
		return nil, notFound()
	}
	known.Accredit = append(known.Accredit, in.Statement)
	n := v.voices(known.Accredit)
	return &api.Accreditation{Accepted: a, Accreditation: s.BodyHash(), Approvals: n, Threshold: v.roster.Threshold(), Effective: n >= v.roster.Threshold()}, nil
}

func (v *Vault) suspend(r *request, in api.Signed) (any, error) {
	_, body, a, err := said[*statement.Suspend](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	v.researchers[body.Account].Suspend = append(v.researchers[body.Account].Suspend, in.Statement)
	return &api.Accreditation{Accepted: a}, nil
}

// voices counts different stewards; that they speak of one body is for the
// client to see.
func (v *Vault) voices(texts []string) int {
	seen := map[api.Account]bool{}
	for _, text := range texts {
		if s, err := statement.Parse(text); err == nil {
			seen[s.Issuer] = true
		}
	}
	return len(seen)
}

func (v *Vault) sortedResearchers() []api.Account {
	var out []api.Account
	for who := range v.researchers {
		out = append(out, who)
	}
	slices.Sort(out)
	return out
}

func (v *Vault) listResearchers(*request) (any, error) {
	out := &api.Researchers{Researchers: []api.Researcher{}}
	for _, who := range v.sortedResearchers() {
		if r := v.researchers[who]; v.voices(r.Accredit) >= v.roster.Threshold() {
			out.Researchers = append(out.Researchers, *r)
		}
	}
	return out, nil
}

func (v *Vault) getResearcher(r *request) (any, error) {
	known := v.researchers[api.Account(r.PathValue("account"))]
	if known == nil {
		return nil, notFound()
	}
	answer := *known
	answer.Accredit, answer.Suspend = slices.Clone(known.Accredit), slices.Clone(known.Suspend)
	answer.Silent = v.silent(api.Account(r.PathValue("account")))
	return &answer, nil
}
