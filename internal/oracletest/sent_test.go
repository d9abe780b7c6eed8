package oracletest_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// sealed is a well-formed part, sealed to somebody.
type sealed struct {
	header, payload, card []byte
	share                 []byte
	nonce                 [envelope.NonceSize]byte
	binding               statement.Binding
	info                  string // for the Testimony-Part header
}

func (w *world) seal() {
	w.t.Helper()
	to, _, err := envelope.ParseRecipient(w.her.Keys.Recipient)
	w.must(err)
	key, err := envelope.NewFileKey(rand.Reader)
	w.must(err)
	s := sealed{}
	s.nonce, err = envelope.NewNonce(rand.Reader)
	w.must(err)
	info := envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original}
	var plain, payload bytes.Buffer
	w.must(envelope.WriteContainer(&plain, info, bytes.NewReader(nil), 0))
	_, err = envelope.Seal(&payload, &plain, key, s.nonce, 1)
	w.must(err)
	s.payload = payload.Bytes()
	s.header, err = envelope.ComposeHeader(key, to)
	w.must(err)
	s.card, err = envelope.SealCard(envelope.Card{Title: "x"}, to, rand.Reader)
	w.must(err)
	s.share, err = sharedkey.SealFile(sharedkey.Card{Share: secret.Of([]byte("a share")), Threshold: 2, Of: 2}, w.her.Keys.Recipient)
	w.must(err)
	sum := sha256.Sum256(s.payload)
	commit := envelope.Commit(key, sum)
	s.binding = statement.Binding{Length: int64(len(s.payload)), PayloadSHA256: statement.B64(sum[:]), Commit: statement.B64(commit[:]), HeaderSHA256: hash(s.header)}
	text, err := info.Encode()
	w.must(err)
	s.info = api.Bytes(text).String()
	w.part = s
}

func hash(b []byte) string { return api.HashOf(b).String() }

// body is what a request carries.
type body struct {
	media  string
	bytes  []byte
	header map[string]string
}

// sent is what somebody would send who believes that the place is theirs: signed
// by them, well-formed, naming it.
func (w *world) sent(q question) body {
	w.t.Helper()
	if q.by.Person == nil || q.by.Keys == nil { // who signs nothing sends what another signed
		q.by = caller{who: q.by.who, Person: w.field.pen, program: q.by.program}
	}
	p, t, n := w.part, q.at.testimony, q.at.n
	say := func(b statement.Body) string { return w.says(q.by, b).Compact() }
	switch q.to.method + " " + q.to.path {
	case "POST /v1/testimonies/{testimony}/parts":
		return w.json(api.NewPart{Header: p.header, Statement: say(statement.Begin{Testimony: t, N: n, HeaderSHA256: hash(p.header),
			Nonce: statement.B64(p.nonce[:]), Length: p.binding.Length})})
	case "POST /v1/inbox/{grant}/hearings":
		return w.json(api.Signed{Statement: say(statement.Reply{Grant: q.at.grant, Reply: statement.Heard})})
	case "PUT /v1/inbox/{grant}/notes/{n}":
		return w.json(api.NewReaderNote{})
	case "PUT /v1/testimonies/{testimony}/card":
		return w.json(api.NewCard{Card: p.card, Statement: say(statement.Card{Testimony: t, CardSHA256: hash(p.card)})})
	case "POST /v1/testimonies/{testimony}/parts/{n}/payload":
		return body{header: map[string]string{api.HeaderTusResumable: api.TusVersion, api.HeaderUploadLength: strconv.Itoa(len(p.payload))}}
	case "PATCH /v1/testimonies/{testimony}/parts/{n}/payload":
		return body{media: api.MediaTus, bytes: p.payload, header: map[string]string{api.HeaderTusResumable: api.TusVersion, api.HeaderUploadOffset: "0"}}
	case "HEAD /v1/testimonies/{testimony}/parts/{n}/payload", "DELETE /v1/testimonies/{testimony}/parts/{n}/payload":
		return body{header: map[string]string{api.HeaderTusResumable: api.TusVersion}}
	case "POST /v1/testimonies/{testimony}/parts/{n}/add":
		return w.json(api.Signed{Statement: say(statement.Add{Testimony: t, N: n, Length: p.binding.Length, PayloadSHA256: p.binding.PayloadSHA256,
			Commit: p.binding.Commit, HeaderSHA256: p.binding.HeaderSHA256})})
	case "POST /v1/testimonies/{testimony}/parts/{n}/adopt":
		return w.json(api.Signed{Statement: say(statement.Adopt{Testimony: t, N: n, Length: p.binding.Length, PayloadSHA256: p.binding.PayloadSHA256,
			Commit: p.binding.Commit, HeaderSHA256: p.binding.HeaderSHA256, ReceivedSHA256: hash(nil)})})
	case "POST /v1/testimonies/{testimony}/arrivals/{n}":
		return body{media: api.MediaBytes, bytes: []byte("hello"), header: map[string]string{api.HeaderPart: p.info,
			api.HeaderStatement: say(statement.Received{Testimony: t, N: n, Length: 5})}}
	case "POST /v1/testimonies/{testimony}/erasure":
		return w.json(api.Signed{Statement: say(statement.Erase{Testimony: t, StatementsSHA256: hash(nil)})})
	case "POST /v1/testimonies/{testimony}/modes":
		return w.json(api.Signed{Statement: say(statement.Mode{Testimony: t, Mode: statement.Listening})})
	case "POST /v1/testimonies/{testimony}/relocks":
		return w.json(api.NewRelock{Header: p.header, Headers: []api.RelockedHeader{}, Statement: say(statement.Relock{Testimony: t, N: n,
			OldPayloadSHA256: hash(nil), Length: p.binding.Length, PayloadSHA256: p.binding.PayloadSHA256, Commit: p.binding.Commit,
			HeaderSHA256: p.binding.HeaderSHA256, Grants: []statement.RelockedGrant{}})})
	case "POST /v1/testimonies/{testimony}/parts/{n}/fixity", "POST /v1/inbox/{grant}/parts/{n}/fixity":
		return w.json(api.Doubt{})
	case "POST /v1/testimonies/{testimony}/revocations":
		return w.json(api.Signed{Statement: say(statement.Revoke{Testimony: t, Grant: q.at.grant})})
	case "POST /v1/endings/{grant}/replies":
		return w.json(api.Signed{Statement: say(statement.Reply{Grant: q.at.grant, Reply: statement.Acknowledged})})
	case "POST /v1/testimonies/{testimony}/renewals", "POST /v1/testimonies/{testimony}/narrowings", "POST /v1/testimonies/{testimony}/answers", "POST /v1/inbox/{grant}/asks":
		return w.json(api.Signed{Statement: say(w.talk(q))})
	case "POST /v1/testimonies/{testimony}/policies":
		return w.json(api.NewPolicy{Shares: []api.Bytes{}, Statement: say(statement.Policy{Testimony: t, Grantee: q.by.Account(),
			Trustees: []statement.Share{}, Silence: statement.Day, Wait: statement.Day})})
	case "POST /v1/trusts/{policy}/answers", "POST /v1/recoveries/{recovery}/answers":
		return w.json(api.Signed{Statement: say(statement.Trust{Of: q.at.policy, OfSHA256: hash(nil), Answer: statement.Agreed})})
	case "POST /v1/trusts/{policy}/releases", "POST /v1/claims/{claim}/releases":
		return w.json(api.NewRelease{Share: p.share, Statement: say(statement.Release{Of: q.at.policy, OfSHA256: hash(nil), SealedSHA256: hash(p.share)})})
	case "POST /v1/testimonies/{testimony}/grants":
		return w.json(api.NewGrant{Headers: []api.Bytes{p.header}, Statement: say(w.grantTo(q))})
	}
	if b, known := w.brought(q); known {
		return b
	}
	if q.to.method != "GET" {
		w.t.Fatalf("%s %s is new: say here what a stranger would send to it", q.to.method, q.to.path)
	}
	return body{}
}

// talk is what is said about the terms of a grant.
func (w *world) talk(q question) statement.Body {
	t, g, terms := q.at.testimony, q.at.grant, w.grantTo(q).Terms
	switch q.to.path[strings.LastIndex(q.to.path, "/"):] {
	case "/renewals":
		return statement.Renew{Testimony: t, Grant: g, Accreditation: hash(nil), Terms: terms}
	case "/narrowings":
		return statement.Narrow{Testimony: t, Grant: g, Terms: terms}
	case "/answers":
		return statement.Answer{Testimony: t, Grant: g, Answer: statement.Refused}
	}
	return statement.Ask{Grant: g, Purposes: terms.Purposes, Until: terms.Until}
}

// grantTo is a grant of the place to the caller.
func (w *world) grantTo(q question) statement.Grant {
	now := w.vault.Clock.Now().Unix()
	p := w.part.binding
	return statement.Grant{Testimony: q.at.testimony, Grantee: q.by.Account(), RecipientSHA256: hash([]byte(q.by.Keys.Recipient)), Accreditation: hash(nil),
		Parts: []statement.GrantedPart{{N: q.at.n, PayloadSHA256: p.PayloadSHA256, Commit: p.Commit, HeaderSHA256: p.HeaderSHA256}},
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Prohibited: statement.Prohibitions(), Media: []statement.Medium{}, Place: statement.PlaceNone, Attribution: statement.Background,
			Access: statement.Download, From: now, Until: now + statement.DefaultTerm}}
}

func (w *world) json(v any) body {
	w.t.Helper()
	b, err := json.Marshal(v)
	w.must(err)
	return body{media: api.MediaJSON, bytes: b}
}
