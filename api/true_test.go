package api_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
)

// told is the examples of the contract as a stranger reads them.
type told struct {
	t        *testing.T
	values   map[string]any
	vault    api.Vault
	said     map[api.Hash]*statement.Statement
	roster   *roster.Roster
	accepted int
}

// Every example can be checked by a stranger with what stands in the examples:
// signatures, receipts, hashes, headers, the roster, the proof of work. Nothing
// of what made them is used here.
func TestExamplesTellOneTrueStory(t *testing.T) {
	s := read(t)
	s.checkRoster()
	s.checkReceipts()
	s.checkRevocations()
	s.checkWork()
	s.checkSealed()
	s.checkVouched()
	s.checkChain()
	s.checkNamed()
	var about api.Bytes
	s.get("partInfo", &about)
	if _, err := envelope.ParsePartInfo(about); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T) *told {
	t.Helper()
	var doc struct {
		Components struct {
			Examples map[string]struct{ Value any }
		}
	}
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	s := &told{t: t, values: map[string]any{}, said: map[api.Hash]*statement.Statement{}}
	for name, e := range doc.Components.Examples {
		s.values[name] = e.Value
	}
	s.get("vault", &s.vault)
	s.walk(func(_ map[string]any, text string) { s.take(text) })
	if len(s.said) < 20 {
		t.Fatalf("the examples hold %d statements only", len(s.said))
	}
	return s
}

func (s *told) get(name string, v any) {
	s.t.Helper()
	text, err := json.Marshal(s.values[name])
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil || s.values[name] == nil {
		s.t.Fatalf("example %s: %v", name, err)
	}
}

// walk visits every text with the object it stands in.
func (s *told) walk(visit func(in map[string]any, text string)) {
	var each func(in map[string]any, v any)
	each = func(in map[string]any, v any) {
		switch v := v.(type) {
		case string:
			visit(in, v)
		case []any:
			for _, inner := range v {
				each(in, inner)
			}
		case map[string]any:
			for _, inner := range v {
				each(v, inner)
			}
		}
	}
	for _, v := range s.values {
		each(nil, v)
	}
}

// take keeps what claims to be a statement.
func (s *told) take(text string) {
	head, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[0])
	if err != nil || !bytes.Contains(head, []byte(statement.Type)) {
		return
	}
	st, err := statement.Parse(text)
	if err != nil {
		s.t.Errorf("%s: %v", head, err)
		return
	}
	if st.Vault != s.vault.VaultID.String() {
		s.t.Errorf("%s, statement %d: it is of another vault", st.Act(), st.Seq)
	}
	s.said[st.Hash()] = st
}

func (s *told) statement(compact string) *statement.Statement {
	s.t.Helper()
	st := s.said[api.HashOf([]byte(compact))]
	if st == nil {
		s.t.Fatalf("%.40s… is no statement", compact)
	}
	return st
}

func (s *told) checkRoster() {
	var answer api.Roster
	s.get("roster", &answer)
	var links []roster.Link
	for _, l := range answer.Links {
		link := roster.Link{Document: l.Document}
		for _, a := range l.Approvals {
			st := s.statement(a)
			if b, ok := st.Body.(*statement.RosterChange); ok && b.DocumentSHA256 == api.HashOf(l.Document).String() {
				link.Approvers = append(link.Approvers, st.Issuer)
			}
		}
		links = append(links, link)
	}
	var err error
	if s.roster, err = roster.Verify(roster.VaultID(s.vault.VaultID), links); err != nil {
		s.t.Fatal(err)
	}
}

// checkReceipts verifies every receipt against the statement it names.
func (s *told) checkReceipts() {
	s.walk(func(in map[string]any, text string) {
		if in["receipt"] != text {
			return
		}
		hash, err := api.ParseHash(in["statement_sha256"].(string))
		if err != nil || s.said[hash] == nil {
			s.t.Errorf("a receipt is for a statement that nobody made: %v", err)
			return
		}
		if _, err := statement.CheckReceipt(text, ed25519.PublicKey(s.vault.ReceiptKeys[0]), s.said[hash]); err != nil || in["seq"] != int(s.said[hash].Seq) {
			s.t.Errorf("%s, statement %v: %v", s.said[hash].Act(), in["seq"], err)
		}
		s.accepted++
	})
	if s.accepted < 15 {
		s.t.Errorf("the examples hold %d receipts only", s.accepted)
	}
}

func (s *told) checkWork() {
	var asked api.Enrolment
	var done api.Enrol
	s.get("enrolmentOpen", &asked)
	s.get("enrolWithWork", &done)
	sum := sha256.Sum256([]byte(done.Challenge + "\x00" + string(s.statement(done.Statement).Issuer) + "\x00" + done.Solution))
	if zeros := bits.LeadingZeros16(uint16(sum[0])<<8 | uint16(sum[1])); done.Challenge != asked.Challenge || zeros < asked.Bits {
		s.t.Errorf("the work has %d zero bits of %d", zeros, asked.Bits)
	}
}

// checkRevocations verifies what the vault says of the end of grants against her
// statements that ended them.
func (s *told) checkRevocations() {
	found := 0
	s.walk(func(in map[string]any, text string) {
		if in["revocation"] != text {
			return
		}
		r, err := statement.ParseRevocation(text, ed25519.PublicKey(s.vault.ReceiptKeys[0]))
		if err != nil {
			s.t.Fatal(err)
		}
		hash, err := api.ParseHash(r.Statement)
		if err != nil || s.said[hash] == nil || s.said[hash].Issuer != r.Account || in["grant"] != string(r.Grant) {
			s.t.Errorf("%v: a revocation receipt is for a statement that nobody made: %+v", err, r)
		}
		found++
	})
	if found < 3 {
		s.t.Errorf("the examples hold %d revocation receipts only", found)
	}
}

// same compares bytes with the digest that was signed for them.
func (s *told) same(what string, b []byte, sha256 string) {
	s.t.Helper()
	if api.HashOf(b).String() != sha256 {
		s.t.Errorf("%s: not what was signed", what)
	}
}

func (s *told) header(what string, b []byte, sha256 string) {
	s.t.Helper()
	s.same(what, b, sha256)
	if info, err := envelope.ParseHeader(b); err != nil || !info.PQ {
		s.t.Errorf("%s: %v, post-quantum %v", what, err, info.PQ)
	}
}

func (s *told) checkSealed() {
	var t api.NewTestimony
	s.get("newTestimony", &t)
	s.card(t.Statement, t.Card)
	var card api.NewCard
	s.get("newCard", &card)
	s.card(card.Statement, card.Card)
	parts := t.Parts
	for _, name := range []string{"addSmallPart", "beginLargePart"} {
		var p api.NewPart
		s.get(name, &p)
		parts = append(parts, p)
	}
	for _, p := range parts {
		s.part(p)
	}
	s.granted()
}

func (s *told) card(signed string, card []byte) {
	s.t.Helper()
	s.same("card", card, s.statement(signed).Body.(*statement.Card).CardSHA256)
	if _, err := envelope.CheckCard(card); err != nil {
		s.t.Error(err)
	}
}

func (s *told) part(p api.NewPart) {
	s.t.Helper()
	switch b := s.statement(p.Statement).Body.(type) {
	case *statement.Begin:
		s.header("begun header", p.Header, b.HeaderSHA256)
	case *statement.Add:
		s.header("header", p.Header, b.HeaderSHA256)
		s.same("payload", p.Payload, b.PayloadSHA256)
		if _, err := envelope.PlaintextSize(int64(len(p.Payload))); err != nil || int64(len(p.Payload)) != b.Length {
			s.t.Errorf("payload of %d bytes: %v", len(p.Payload), err)
		}
	default:
		s.t.Errorf("a part with a statement of act %s", s.statement(p.Statement).Act())
	}
}

func (s *told) granted() {
	var g api.NewGrant
	s.get("newGrant", &g)
	body := s.statement(g.Statement).Body.(*statement.Grant)
	for i, p := range body.Parts {
		s.header("reader's header", g.Headers[i], p.HeaderSHA256)
	}
	var r api.NewRelock
	s.get("newRelock", &r)
	again := s.statement(r.Statement).Body.(*statement.Relock)
	s.header("relocked header", r.Header, again.HeaderSHA256)
	for i, p := range again.Grants {
		s.header("reader's relocked header", r.Headers[i].Header, p.HeaderSHA256)
	}
}

// checkVouched counts the stewards' voices the way a client does.
func (s *told) checkVouched() {
	var answer api.Researchers
	s.get("researchers", &answer)
	var a api.Accreditation
	s.get("accredited", &a)
	var voices []id.Thumbprint
	r := answer.Researchers[0]
	for _, text := range r.Accredit {
		if st := s.statement(text); api.Hash(st.BodyHash()) == a.Accreditation {
			voices = append(voices, st.Issuer)
		}
	}
	key := s.statement(r.Key)
	body := s.statement(r.Accredit[0]).Body.(*statement.Accredit)
	if !s.roster.Approved(voices) || body.Account != key.Issuer || body.KeySHA256 != api.HashOf([]byte(r.Key)).String() {
		s.t.Error("the researcher is not accredited by the roster")
	}
	var g api.NewGrant
	s.get("newGrant", &g)
	grant := s.statement(g.Statement).Body.(*statement.Grant)
	recipient := key.Body.(*statement.Key).Recipient
	if grant.Accreditation != a.Accreditation.String() || grant.RecipientSHA256 != api.HashOf([]byte(recipient)).String() {
		s.t.Error("the grant is not for the accredited researcher")
	}
}

// checkChain verifies her chain, and that its holes are exactly those of the
// testimony that she erased.
func (s *told) checkChain() {
	var page api.Chain
	s.get("chain", &page)
	var entries []statement.Entry
	for _, e := range page.Statements {
		entries = append(entries, statement.Entry{Seq: e.Seq, Hash: e.SHA256, Compact: e.Statement, Testimony: e.Testimony})
	}
	her := s.statement(page.Statements[0].Statement).Issuer
	chain, err := statement.VerifyChain(her, s.vault.VaultID.String(), entries)
	if err != nil || chain.Head != page.Head.Of() {
		s.t.Fatalf("%v, head %v", err, page.Head)
	}
	var empty api.Chain
	if s.get("emptyChain", &empty); empty.Head != (api.Head{}) {
		s.t.Errorf("the head of an empty chain is %v", empty.Head)
	}
	for hash, st := range s.said {
		if st.Issuer == her && !slices.ContainsFunc(page.Statements, func(e api.Entry) bool { return e.SHA256 == hash }) {
			s.t.Errorf("%s, statement %d, is not in her chain", st.Act(), st.Seq)
		}
	}
}

// checkNamed holds what answers name, digests and identifiers, against what was
// signed: an answer that names anything else is made up.
func (s *told) checkNamed() {
	signed := map[string]bool{}
	for _, st := range s.said {
		body, err := json.Marshal(st.Body)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"([A-Za-z0-9_-]{26,43})"`).FindAllSubmatch(body, -1) {
			signed[string(m[1])] = true
		}
		hash := st.BodyHash()
		signed[statement.B64(hash[:])], signed[string(st.ID)], signed[string(st.Issuer)] = true, true, true
	}
	named := 0
	s.walk(func(in map[string]any, text string) {
		for _, key := range []string{"testimony", "grant", "actor", "payload_sha256", "commit", "header_sha256", "accreditation"} {
			if in[key] == text && !signed[text] {
				s.t.Errorf("%s %s: nobody signed it", key, text)
			}
		}
		if sealed, err := base64.RawURLEncoding.DecodeString(text); in["card"] == text && (err != nil || !signed[api.HashOf(sealed).String()]) {
			s.t.Errorf("card %.20s…: nobody signed it", text)
		}
		named++
	})
	if named < 200 {
		s.t.Errorf("the examples hold %d texts only", named)
	}
}
