package app_test

import (
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// hook names an endpoint that is off, so that nothing leaves this machine, and does
// with it what a program does, and what one does wrong.
func (w *witness) hook(program *client.Client) {
	ctx := w.t.Context()
	wish := api.WebhookWish{URL: "https://hooks.example.org/vault", HMAC: true, Off: true}
	one, err := program.CreateWebhook(ctx, wish)
	w.must(err)
	event, err := program.TestWebhook(ctx, one.Webhook)
	w.must(err)
	one, err = program.RotateWebhook(ctx, one.Webhook, false)
	w.must(err)
	_, err = program.ChangeWebhook(ctx, one.Webhook, wish)
	w.must(err)
	_, err = program.ReplayWebhook(ctx, one.Webhook, api.WebhookReplay{Event: event})
	w.must(err)
	all, err := program.WebhookDeliveries(ctx, one.Webhook)
	if err != nil || len(all) != 1 || all[0].Event != event {
		w.t.Fatalf("%+v, %v", all, err)
	}
	_, err = program.Webhooks(ctx)
	w.must(err)
	_, err = program.OwedWithdrawals(ctx)
	w.must(err)
	w.mishook(program, "/v1/webhooks/"+string(one.Webhook))
	w.must(program.DeleteWebhook(ctx, one.Webhook))
}

func (w *witness) mishook(program *client.Client, one string) {
	key := func(n string) []string {
		return []string{api.HeaderIdempotencyKey, strings.Replace(someKey, "3", n, 1)}
	}
	nowhere := "/v1/webhooks/" + strings.Repeat("a", 26)
	w.raw(program, 404, "GET", nowhere, "")
	w.raw(program, 404, "DELETE", nowhere, "")
	w.raw(program, 404, "GET", nowhere+"/deliveries", "")
	w.raw(program, 400, "GET", one+"/deliveries?after=x", "")
	w.raw(program, 400, "GET", "/v1/owed-withdrawals?after=1.x", "")
	w.raw(program, 422, "POST", "/v1/webhooks", `{"url":"https://169.254.169.254/latest/meta-data/"}`, key("a")...)
	w.raw(program, 422, "PUT", one, `{"url":"http://hooks.example.org/"}`)
	w.raw(program, 400, "PUT", one, `{"url":"https://hooks.example.org/","secret":"x"}`)
	w.raw(program, 409, "POST", one+"/rotations", `{}`, key("b")...)
	w.raw(program, 400, "POST", one+"/replays", `{"since":1}`, key("c")...)
	w.raw(program, 404, "POST", one+"/replays", `{"event":"`+strings.Repeat("a", 26)+`"}`, key("d")...)
	w.raw(nil, 401, "GET", "/v1/webhooks", "")
}
