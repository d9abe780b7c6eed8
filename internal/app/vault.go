package app

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accreditation"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/clock"
	"github.com/relatingfield/vault/internal/collection"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/consultation"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/openrosa"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/pause"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/recovery"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/trace"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/trust"
	"github.com/relatingfield/vault/internal/turn"
	"github.com/relatingfield/vault/internal/watch"
	"github.com/relatingfield/vault/internal/webhook"
)

// workLife is how long a proof of work may take to come back.
const workLife = time.Hour

// vault is a founded vault with all its parts.
type vault struct {
	cfg      config.Config
	log      *slog.Logger
	clock    *clock.Clock
	app      *App
	id       string
	practice bool
	origins  []string

	db             *store.DB
	blobs          blob.Store
	second         blob.Store // of second copies; nil: none
	payloads       *payload.Payloads
	keys           *serverkeys.Keys
	shred          shred.Keys
	journal        *journal.Journal
	applied        map[journal.Kind]int // what the database did not know when this began
	agreed         agreement            // of the job that calls agree
	ledger         *ledger.Ledger
	book           *stewardship.Book
	accounts       *account.Accounts
	accreditations *accreditation.Accreditations
	grants         *grant.Grants
	policies       *trust.Policies
	recoveries     *recovery.Recoveries
	testimonies    *testimony.Vault
	fixity         *fixity.Fixity
	denied         *custody.Denials
	pauses         *pause.Pauses
	partners       *partner.Registry
	trays          *tray.Trays
	collections    *collection.Collections
	consultations  *consultation.Consultations
	forms          *openrosa.Intake
	sessions       *session.Service
	answers        *idempotency.Answers
	turns          *turn.Turns
	counters       *watch.Watch
	traces         *trace.Tracer // nil: there is no collector
	hooks          *webhook.Queue
	flood          *flood.Guard
	trials         trials // of whether it is ready
	server         *httpapi.Server
}

// assemble makes the parts from the ground up.
func (a *App) assemble(ctx context.Context, db *store.DB, origins []string) (*vault, error) {
	v := &vault{cfg: a.Config, log: a.Log, app: a, origins: origins, db: db, shred: shred.Keys{Rand: a.Rand}, counters: watch.New(Version)}
	v.trials.try = v.try
	steps := []func(context.Context) error{v.identify, v.tell, v.openTraces, v.openStores, v.openJournal, v.measure, v.admit, v.hook, v.hold, v.recover, v.sign, v.order, v.front}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, v.journal.Close())
		}
	}
	return v, nil
}

// identify finds out which vault the database holds.
func (v *vault) identify(ctx context.Context) error {
	v.book = &stewardship.Book{DB: v.db}
	name, err := v.book.Vault(ctx)
	if err != nil {
		return err
	}
	v.id = name.String()
	if v.practice, err = isPractice(ctx, v.book); err != nil {
		return err
	}
	return v.notForOthers()
}

// notForOthers refuses to show a practice vault to people of other machines as if it
// were one: whoever comes to its folder can be its steward.
func (v *vault) notForOthers() error {
	if !v.practice || v.cfg.IKnowThisIsForPractice || !v.cfg.OthersCome() {
		return nil
	}
	return config.Faults{{
		Where: "origins", Problem: "this is a practice vault, and people of other machines come to it: its steward's words lie beside its data",
		Fix: "found a vault with stewards of its own in another data_dir (docs/operate/founding.md), or set i_know_this_is_for_practice: true",
	}}
}

func (v *vault) openStores(context.Context) (err error) {
	if err := v.openObjects(); err != nil {
		return err
	}
	v.keys, err = serverkeys.Open(v.cfg.KeysDir, v.app.Rand, v.app.Now)
	return err
}

// admit makes what decides who is who.
func (v *vault) admit(context.Context) error {
	v.ledger = &ledger.Ledger{
		Vault: v.id, ReceiptKey: v.receiptKey, Keys: v.shred, Journal: v.journal, Now: v.app.Now,
	}
	v.book.Ledger, v.book.Journal = v.ledger, v.journal
	work, err := v.work()
	if err != nil {
		return err
	}
	v.accounts = &account.Accounts{
		DB: v.db, Ledger: v.ledger, Roster: v.book.Current, Work: work, Mode: account.Mode(v.cfg.Enrolment.Mode),
		PerDay: int64(v.cfg.Enrolment.PerDay), Rand: v.app.Rand, Now: v.app.Now, Tick: time.Now,
		Worked: func() { v.flood.Paid(flood.Enrol) },
	}
	v.accreditations = &accreditation.Accreditations{DB: v.db, Ledger: v.ledger, Book: v.book, Journal: v.journal, Now: v.app.Now}
	v.partners = &partner.Registry{DB: v.db, Ledger: v.ledger, Book: v.book, Journal: v.journal, Origins: v.allOrigins(), Now: v.app.Now}
	v.accounts.InvitesFor, v.accounts.Brings = v.partners.InvitesFor, v.partners.Brings
	return nil
}

// allOrigins are those where proofs may have been made: programs can have one more.
func (v *vault) allOrigins() []string {
	if o := v.cfg.Programs.MutualTLS.Origin; o != "" {
		return append(slices.Clone(v.origins), o)
	}
	return v.origins
}

// receiptKey is the key of receipts that is in force.
func (v *vault) receiptKey() ed25519.PrivateKey { return v.keys.Receipt()[0].Reveal() }

func (v *vault) work() (*proofofwork.Issuer, error) {
	if v.cfg.Enrolment.Mode != config.Open {
		return nil, nil
	}
	macs, err := v.keys.MAC("proof-of-work")
	if err != nil {
		return nil, err
	}
	return proofofwork.NewIssuer(macs[0], v.app.Now, v.cfg.Enrolment.PowBits, workLife)
}

// hold makes what keeps testimonies and lets them be read.
func (v *vault) hold(context.Context) error {
	l := v.cfg.Limits
	v.payloads = &payload.Payloads{DB: v.db, Blobs: trace.Blobs{Store: v.blobs}, Second: v.second, Now: v.app.Now, Log: v.log}
	v.grants = &grant.Grants{
		DB: v.db, Payloads: v.payloads, Ledger: v.ledger, Keys: v.shred, Reader: grant.Reader{Live: v.accreditations.Live}, Journal: v.journal,
		PerTestimony: int64(l.GrantsPerTestimony), AsksPerMonth: int64(l.AsksPerMonth), AnswerWithin: v.cfg.Closure.AnswerWithin,
		Now: v.app.Now, Believed: v.clock.Check, Tick: time.Now, Rand: v.app.Rand, Log: v.log,
	}
	v.policies = &trust.Policies{
		DB: v.db, Ledger: v.ledger, Keys: v.shred, Journal: v.journal, Reading: trust.Reading{State: v.grants.State, SettleSilence: v.grants.SettleSilence}, Now: v.app.Now,
	}
	v.recoveries = &recovery.Recoveries{DB: v.db, Ledger: v.ledger, Journal: v.journal, Now: v.app.Now}
	v.grants.Policy, v.grants.Rely = v.policies.Standing, v.policies.Rely
	v.testimonies = &testimony.Vault{
		DB: v.db, Payloads: v.payloads, Ledger: v.ledger, Keys: v.shred, Grants: v.grants, Journal: v.journal, Forget: []testimony.Forget{v.policies.Forget},
		Limits: testimony.Limits{
			Testimonies: int64(l.TestimoniesPerAccount), Parts: int64(l.PartsPerTestimony), Bytes: int64(l.BytesPerAccount),
			PartSize: int64(l.PartSize), InlineMax: int64(v.cfg.Blobs.InlineMax),
		},
		OnArrival: v.cfg.OnArrival.Enabled, Crew: envelope.NewCrew(v.app.Cores), Now: v.app.Now, Rand: v.app.Rand, Log: v.log,
	}
	v.holdForOthers()
	v.takeForms()
	v.checkFixity()
	v.denied = custody.NewDenials(v.db, v.shred, v.app.Now, v.log)
	v.pauses = pause.New(pause.Deps{DB: v.db, Ledger: v.ledger, Keys: v.shred, Grants: v.grants, Journal: v.journal, Now: v.app.Now, Tick: time.Now, Log: v.log})
	return nil
}

// sign makes what tells callers apart and remembers what they were answered.
func (v *vault) sign(context.Context) (err error) {
	v.answers = idempotency.New(v.db, v.app.Now, v.app.Rand)
	v.sessions, err = session.New(session.Config{
		Vault: v.id, Origins: v.allOrigins(), Keys: v.keys, DB: v.db, Now: v.app.Now, Rand: v.app.Rand, TTL: v.cfg.Tokens.TTL,
	})
	v.partners.Sessions = v.sessions
	v.partners.Limit = partner.NewLimiter(int64(v.cfg.Programs.Requests), v.cfg.Programs.Window, time.Now)
	return err
}

// order makes the node that uploads take turns at. On SQLite there is no other.
func (v *vault) order(ctx context.Context) (err error) {
	v.turns, err = turn.New(v.db, v.app.Rand, time.Now, v.log)
	if err == nil && v.cfg.Store.Engine == config.SQLite {
		err = errors.Join(v.turns.Alone(ctx), v.hooks.Alone(ctx))
	}
	return err
}

// front makes the API over all of it.
func (v *vault) front(context.Context) (err error) {
	json := int64(v.cfg.Limits.Body)
	work, err := v.signInWork()
	if err != nil {
		return err
	}
	people := &httpapi.People{
		DB: v.db, Ledger: v.ledger, Book: v.book, Accounts: v.accounts, Accreditations: v.accreditations, Flood: v.flood, WorkBits: v.cfg.Enrolment.PowBits,
	}
	hers := &httpapi.Testimonies{Vault: v.testimonies, Trays: v.trays, Turns: v.turns, Feed: custody.Feed{DB: v.db, Keys: v.shred}, Denied: v.denied, JSON: json, Keep: v.cfg.Uploads.Keep}
	reading := &httpapi.Grants{Grants: v.grants, Denied: v.denied, JSON: json}
	ending := &httpapi.Closures{Grants: v.grants, Denied: v.denied}
	trusted := &httpapi.Trusts{Policies: v.policies, Denied: v.denied, JSON: json}
	rekeys := &httpapi.Rekeys{Vault: v.testimonies, JSON: json}
	recoveries := &httpapi.Recoveries{Recoveries: v.recoveries, JSON: json}
	doubts := &httpapi.Fixities{Fixity: v.fixity, Vault: v.testimonies, Grants: v.grants, Denied: v.denied}
	trays := &httpapi.Trays{Trays: v.trays, Denied: v.denied}
	collections := &httpapi.Collections{Collections: v.collections}
	consultations := &httpapi.Consultations{Consultations: v.consultations}
	partners := &httpapi.Partners{Registry: v.partners, Accounts: v.accounts}
	hooks := &httpapi.Hooks{Queue: v.hooks, Registry: v.partners}
	whole := &httpapi.Account{Pauses: v.pauses, Policies: v.policies, Farewell: v.farewell}
	pages, err := pages()
	if err != nil {
		return err
	}
	v.server, err = httpapi.New(httpapi.Deps{
		Pages: pages, Onion: v.cfg.Onion, Watch: v.counters, Traces: v.traces, Flood: v.flood, Callers: v.flood.NewCallers(v.cfg.Limits.RequestsPerSecond), Work: work,
		Asked:         v.app.Asked,
		Room:          v.tide().Room,
		ProgramsApart: v.cfg.Programs.MutualTLS.Only,
		Sessions:      v.sessions, Answers: v.answers, Accounts: v.accounts, Partners: v.partners, Vault: v.document, Contract: api.OpenAPI, Schema: api.StatementSchema,
		Ready: v.ready, Stage: v.stage, Field: v.fieldPlace(), Limits: v.limits(), Log: v.log, Rand: v.app.Rand,
	}, slices.Concat(people.Routes(), hers.Routes(), reading.Routes(), whole.Routes(), trusted.Routes(), ending.Routes(), rekeys.Routes(), recoveries.Routes(), doubts.Routes(), partners.Routes(), trays.Routes(), collections.Routes(), consultations.Routes(), hooks.Routes(), v.fieldRoutes())...)
	return err
}
