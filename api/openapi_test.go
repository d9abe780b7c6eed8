package api_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/internal/canonical"
)

// probe is what /livez and /readyz answer.
type probe struct {
	OK bool `json:"ok"`
}

// wire is every type that travels, by the name of its schema.
func wire() map[string]any {
	return map[string]any{
		"Accepted": api.Accepted{}, "Accreditation": api.Accreditation{}, "Application": api.Application{}, "Applications": api.Applications{},
		"Arrived": api.Arrived{}, "Chain": api.Chain{}, "Closure": api.Closure{}, "Challenge": api.Challenge{}, "Created": api.Created{}, "Enrol": api.Enrol{},
		"Ending": api.Ending{}, "Endings": api.Endings{}, "Enrolment": api.Enrolment{}, "Entry": api.Entry{}, "Event": api.Event{}, "Feed": api.Feed{}, "Granted": api.Granted{}, "Grants": api.Grants{},
		"Heard": api.Heard{}, "Notice": api.Notice{}, "Pause": api.Pause{}, "PauseByCode": api.PauseByCode{}, "Standing": api.Standing{},
		"Head": api.Head{}, "Inbox": api.Inbox{}, "InboxGrant": api.InboxGrant{}, "InboxPart": api.InboxPart{}, "Invitation": api.Invitation{},
		"Erasure": api.Erasure{}, "ReceiptLink": api.ReceiptLink{}, "Invite": api.Invite{}, "Limits": api.Limits{}, "Listed": api.Listed{}, "Login": api.Login{}, "NewCard": api.NewCard{}, "NewGrant": api.NewGrant{},
		"NewPart": api.NewPart{}, "NewRelock": api.NewRelock{}, "NewTestimony": api.NewTestimony{}, "Opening": api.Opening{}, "Part": api.Part{},
		"PartInfo": api.PartInfo{}, "Person": api.Person{}, "Captured": api.Captured{}, "Probe": probe{}, "Problem": api.Problem{}, "ProposeRoster": api.ProposeRoster{},
		"RelockedHeader": api.RelockedHeader{}, "Researcher": api.Researcher{}, "Researchers": api.Researchers{}, "Revoked": api.Revoked{},
		"Roster": api.Roster{}, "RosterLink": api.RosterLink{}, "RosterProposed": api.RosterProposed{}, "Session": api.Session{},
		"Signed": api.Signed{}, "Doubt": api.Doubt{}, "Erased": api.Erased{}, "Fixity": api.Fixity{}, "Testimonies": api.Testimonies{}, "Testimony": api.Testimony{}, "Upload": api.Upload{},
		"Vault": api.Vault{},

		"TokenRequest": tokenRequest{}, "PartnerToken": api.PartnerToken{}, "TokenError": api.TokenError{}, "Partner": api.Partner{}, "Agreement": api.Agreement{},
		"Registration": api.Registration{}, "Empty": api.Empty{},
		"NewConsultation": api.NewConsultation{}, "RegisterConsultation": api.RegisterConsultation{}, "Consultation": api.Consultation{},
		"OpenedConsultation": api.OpenedConsultation{}, "ConsultationCounts": api.ConsultationCounts{}, "Belonging": api.Belonging{},
		"NewTray": api.NewTray{}, "OpenedTray": api.OpenedTray{}, "Tray": api.Tray{}, "Trays": api.Trays{}, "ClosedTray": api.ClosedTray{}, "Item": api.Item{}, "Items": api.Items{},
		"Adoption": api.Adoption{}, "Refusal": api.Refusal{}, "Delivered": api.Delivered{}, "ToldDelivery": api.ToldDelivery{}, "Returned": api.Returned{}, "Returns": api.Returns{}, "Brought": api.Brought{},
		"Delivery": api.Delivery{}, "Deliveries": api.Deliveries{}, "NewCollection": api.NewCollection{}, "OpenedCollection": api.OpenedCollection{},
		"Collection": api.Collection{}, "Collections": api.Collections{},
		"NewForm": api.NewForm{}, "Form": api.Form{}, "Forms": api.Forms{}, "WithdrawnForm": api.WithdrawnForm{}, "NewCollector": api.NewCollector{}, "Rotation": api.Rotation{},
		"IssuedCollector": api.IssuedCollector{}, "Collector": api.Collector{}, "Collectors": api.Collectors{}, "RevokedCollector": api.RevokedCollector{},
		"PartnerRecord": api.PartnerRecord{}, "Partners": api.Partners{}, "ClientRecord": api.ClientRecord{}, "Clients": api.Clients{}, "OAuthServer": api.OAuthServer{},
		"WebhookWish": api.WebhookWish{}, "WebhookMade": api.WebhookMade{}, "Webhook": api.Webhook{}, "WebhookKey": api.WebhookKey{}, "Webhooks": api.Webhooks{},
		"WebhookRotation": api.WebhookRotation{}, "WebhookTest": api.WebhookTest{}, "WebhookReplay": api.WebhookReplay{}, "WebhookReplayed": api.WebhookReplayed{},
		"WebhookDeliveries": api.WebhookDeliveries{}, "WebhookDelivery": api.WebhookDelivery{}, "OwedWithdrawals": api.OwedWithdrawals{}, "OwedWithdrawal": api.OwedWithdrawal{},
		"OverdueWithdrawals": api.OverdueWithdrawals{}, "LatePartner": api.LatePartner{}, "ReaderNotes": api.ReaderNotes{}, "ReaderNote": api.ReaderNote{}, "NewReaderNote": api.NewReaderNote{},
		"NewRecovery": api.NewRecovery{}, "Recovery": api.Recovery{}, "Claimed": api.Claimed{}, "NamedRecovery": api.NamedRecovery{},
		"NamedRecoveries": api.NamedRecoveries{}, "RecoveredShares": api.RecoveredShares{}, "Rekey": api.Rekey{}, "Rekeyed": api.Rekeyed{}, "Rewrapped": api.Rewrapped{},
		"NewPolicy": api.NewPolicy{}, "Trustee": api.Trustee{}, "Silence": api.Silence{}, "Policy": api.Policy{}, "Policies": api.Policies{},
		"Trust": api.Trust{}, "Trusts": api.Trusts{}, "NewRelease": api.NewRelease{}, "Shares": api.Shares{}, "ReleasedShare": api.ReleasedShare{},
		"SilenceNotice": api.SilenceNotice{}, "AccountKey": api.AccountKey{}, "Introduction": api.Introduction{},
		"Withdrawal": api.Withdrawal{}, "Withdrawals": api.Withdrawals{}, "Withdrawn": api.Withdrawn{},
	}
}

// The contract says of each operation what its readers need, and names every
// refusal that its kind of request can get.
func TestEveryOperationSaysWhatItTakesAndGives(t *testing.T) {
	c, err := apitest.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range c.Check() {
		t.Error(err)
	}
}

// Nothing in the contract refers to nothing, and nothing in it is referred to by
// nothing: only the answers to methods that an address has not belong to no operation.
func TestReferencesAreWhole(t *testing.T) {
	var doc map[string]any
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"#/components/responses/MethodNotAllowed": true, "#/components/responses/Methods": true}
	walk(doc, func(key string, v any) {
		ref, _ := v.(string)
		if key != "$ref" {
			return
		}
		used[ref] = true
		if lookUp(doc, ref) == nil {
			t.Errorf("%s leads nowhere", ref)
		}
	})
	for kind, of := range doc["components"].(map[string]any) {
		for name := range of.(map[string]any) {
			if ref := "#/components/" + kind + "/" + name; !used[ref] && kind != "securitySchemes" {
				t.Errorf("%s is not referred to", ref)
			}
		}
	}
}

func walk(v any, visit func(key string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			visit(key, inner)
			walk(inner, visit)
		}
	case []any:
		for _, inner := range v {
			walk(inner, visit)
		}
	}
}

func lookUp(doc any, ref string) any {
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		inner, _ := doc.(map[string]any)
		doc = inner[step]
	}
	return doc
}

// Each example is what its schema says, and is read into the Go type of that
// schema without a member being lost or added, by both encoders in use.
func TestExamplesAreWhatTheTypesSay(t *testing.T) {
	c, list := samples(t)
	for _, s := range list {
		if err := c.CheckSample(s); err != nil {
			t.Errorf("%v: %v", s, err)
		}
		if strings.HasSuffix(s.Media, "json") && s.Media != api.MediaSchema { // which is a document, not a type
			sameInGo(t, s)
		}
	}
}

func sameInGo(t *testing.T, s apitest.Sample) {
	t.Helper()
	of, ok := wire()[s.Schema]
	if !ok {
		t.Fatalf("%v: schema %q has no Go type", s, s.Schema)
	}
	text, err := json.Marshal(s.Value)
	if err != nil {
		t.Fatal(err)
	}
	read := reflect.New(reflect.TypeOf(of)).Interface()
	if err := canonical.Request(text, read); err != nil {
		t.Errorf("%v: %v", s, err)
	}
	old, err := json.Marshal(read)
	if err != nil {
		t.Fatal(err)
	}
	young, err := jsonv2.Marshal(read)
	if err != nil {
		t.Fatal(err)
	}
	for encoder, again := range map[string][]byte{"client's": old, "server's": young} {
		if !reflect.DeepEqual(generic(t, again), generic(t, text)) {
			t.Errorf("%v: the %s encoder makes another document of it:\n%s", s, encoder, again)
		}
	}
}

func generic(t *testing.T, text []byte) (v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Every problem of the protocol is exemplified, with the words that people get
// and, where the code has one, its status.
func TestEveryProblemIsExemplified(t *testing.T) {
	_, list := samples(t)
	seen := map[api.ProblemName]bool{api.ProblemMethodNotAllowed: true} // of no operation
	for _, s := range list {
		if s.Schema != "Problem" {
			continue
		}
		value := s.Value.(map[string]any)
		p := api.Problem{Type: value["type"].(string)}
		seen[p.Name()] = true
		if s.Name != string(p.Name()) || p.Name().Status() != s.Status || value["status"] != s.Status {
			t.Errorf("%v: type %s with status %v", s, p.Type, value["status"])
		}
	}
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`([a-z-]+)` [45][0-9]{2}").FindAllStringSubmatch(string(page), -1) {
		if !seen[api.ProblemName(m[1])] {
			t.Errorf("%s is in the protocol and in no example", m[1])
		}
	}
}

// The protocol's table and the contract have the same requests.
func TestTheProtocolListsTheSameRequests(t *testing.T) {
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| (`(?:GET|POST|PUT|PATCH|HEAD|DELETE|OPTIONS) [^|]+)\\|").FindAllStringSubmatch(string(page), -1) {
		for _, request := range requests(m[1]) {
			listed[request] = true
		}
	}
	braces := regexp.MustCompile(`\{[a-z]+\}`)
	for _, o := range apitest.Operations() {
		name := o.Method + " " + braces.ReplaceAllString(o.Path, "{}")
		if !listed[name] && !strings.HasPrefix(o.Path, "/v1/session") { // section 4 has those
			t.Errorf("%s is not in the protocol's table", name)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("%s is not in the contract", name)
	}
}

// requests reads the first cell of a row: one method, and paths that may
// continue the one before with an ellipsis.
func requests(cell string) (out []string) {
	method, before := "", ""
	for _, m := range regexp.MustCompile("`(?:([A-Z]+) )?([^`]+)`").FindAllStringSubmatch(cell, -1) {
		method = max(method, m[1])
		path, _, _ := strings.Cut(m[2], "?")
		if rest, ok := strings.CutPrefix(path, "…"); ok {
			path = before[:strings.LastIndex(before, "/")] + rest
		}
		before = path
		out = append(out, method+" "+regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "{}"))
	}
	return out
}
