package api_test

import (
	"encoding/base64"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// hooking names an endpoint, turns its keys, and shows what came of events.
func (c *cast) hooking() {
	c.tell("webhookWish", "Two types, for a receiver that knows public keys", api.WebhookWish{URL: "https://hooks.example.org/vault?token=8Qd3", Types: []string{"item.taken", "consent.withdrawn"}})
	c.tell("webhookOff", "The same, for all types, and off for now", api.WebhookWish{URL: "https://hooks.example.org/vault?token=8Qd3", Off: true})
	one := api.Webhook{
		Webhook: c.id(), URL: "https://hooks.example.org/vault?token=8Qd3", Types: []string{"item.taken", "consent.withdrawn"}, State: "on", Day: c.day(),
		Keys: []api.WebhookKey{{Public: c.hookKey("whpk_")}},
	}
	c.tell("webhookMade", "Which one it is", api.WebhookMade{Webhook: one.Webhook})
	c.tell("webhook", "One key signs", one)
	c.tell("webhooks", "One endpoint", api.Webhooks{Webhooks: []api.Webhook{one}})
	both := one
	both.HMAC, both.Types, both.Failing = true, []string{}, c.day()
	both.Keys = []api.WebhookKey{
		{Public: c.hookKey("whpk_"), Secret: c.hookKey("whsec_")},
		{Public: one.Keys[0].Public, Secret: c.hookKey("whsec_"), Until: c.now.Unix() + 3*statement.Day},
	}
	c.tell("webhookRotating", "Two keys sign, for a receiver with shared keys that takes nothing today", both)
	c.tell("rotation", "With an overlap", api.WebhookRotation{})
	c.tell("rotationAtOnce", "Somebody else has a shared key", api.WebhookRotation{AtOnce: true})
	ping, event, item := c.id(), c.id(), c.id()
	c.tell("webhookTest", "Under this webhook-id", api.WebhookTest{Event: ping})
	c.tell("replayOne", "One event", api.WebhookReplay{Event: event})
	c.tell("replayDead", "Whatever is dead since a day", api.WebhookReplay{Since: c.day()})
	c.tell("replayed", "One", api.WebhookReplayed{Count: 1})
	c.tell("webhookDeliveries", "One was taken, one will be tried again", api.WebhookDeliveries{Deliveries: []api.WebhookDelivery{
		{Event: ping, Type: "endpoint.test", About: one.Webhook, Day: c.day(), State: "delivered", Attempts: 1, Outcome: "answered", Status: 204},
		{Event: event, Type: "consent.withdrawn", About: item, Day: c.day(), State: "waiting", Attempts: 3, Outcome: "timeout"},
	}})
	c.tell("owedWithdrawals", "One item, since today", api.OwedWithdrawals{Withdrawals: []api.OwedWithdrawal{{Item: item, Day: c.day()}}})
	c.tell("overdueWithdrawals", "One partner is late", api.OverdueWithdrawals{Partners: []api.LatePartner{{Partner: c.id(), Withdrawals: 2, Since: c.day()}}})
}

func (c *cast) hookKey(prefix string) string {
	b := make([]byte, 32)
	_, err := c.rand.Read(b)
	c.must(err)
	return prefix + base64.StdEncoding.EncodeToString(b)
}
