package webhook_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// She takes back what a partner brought: its receiver is told at once, by the id of the
// item and nothing else; it is owed until the partner acknowledges it through the API,
// and she sees both.
func TestAPartnerIsToldThatSheWithdrew(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			ctx := t.Context()
			v := vaulttest.New(t, vaulttest.On(engine), vaulttest.With(here))
			partners := partnertest.New(v)
			p := partners.Partner()
			g := p.Program(partner.Register, partner.Deliver, partner.Follow, partner.Hooks)
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			b := newInbox(t)
			w, err := g.CreateWebhook(ctx, api.WebhookWish{URL: b.URL})
			must(err)
			b.expects(w)
			inv, err := g.InvitePresent(ctx)
			must(err)
			her := v.Client(v.Keys())
			must(her.Enrol(ctx, statement.Participant, inv.Invitation))
			to := client.Place{Recipient: her.Recipient(), Code: client.InvitedTray(inv.Invitation)}
			item, err := g.Deliver(ctx, client.Delivery{To: to, Content: client.Bytes("a.txt", "text/plain", []byte("she read it out"))})
			must(err)
			tid, err := her.Create(ctx, client.Testimony{Title: "x"})
			must(err)
			_, err = her.AdoptItem(ctx, item, tid, nil)
			must(err)
			must(her.Erase(ctx, tid))
			today := time.Unix(statement.DayOf(v.Clock.Now()), 0).UTC()
			if e := b.next(); e.Type != "consent.withdrawn" || e.About != item || !e.Day.Equal(today) {
				t.Errorf("%+v", e)
			}
			settle(t, g, w.Webhook)
			owed, err := g.OwedWithdrawals(ctx)
			if want := []api.OwedWithdrawal{{Item: item, Day: today.Unix()}}; err != nil || !slices.Equal(owed, want) {
				t.Errorf("owed: %+v, %v", owed, err)
			}
			steward := partners.Steward
			if late, err := steward.OverdueWithdrawals(ctx); err != nil || len(late) != 0 {
				t.Errorf("late at once: %+v, %v", late, err)
			}
			v.Clock.Forward(30 * 24 * time.Hour)
			late, err := steward.OverdueWithdrawals(ctx)
			if want := []api.LatePartner{{Partner: p.ID, Withdrawals: 1, Since: today.Unix()}}; err != nil || !slices.Equal(late, want) {
				t.Errorf("stewards see %+v, %v", late, err)
			}
			if _, err := her.OverdueWithdrawals(ctx); !errors.Is(err, client.ErrNotFound) {
				t.Errorf("a participant is answered %v", err)
			}
			_, err = g.Acknowledge(ctx, item)
			must(err)
			if late, err = steward.OverdueWithdrawals(ctx); err != nil || len(late) != 0 {
				t.Errorf("after the acknowledgement: %+v, %v", late, err)
			}
			if owed, err = g.OwedWithdrawals(ctx); err != nil || len(owed) != 0 {
				t.Errorf("after the acknowledgement: %+v, %v", owed, err)
			}
			returns, err := her.Returns(ctx)
			if err != nil || len(returns) != 1 || returns[0].Acknowledged == 0 {
				t.Errorf("she sees %+v, %v", returns, err)
			}
		})
	}
}
