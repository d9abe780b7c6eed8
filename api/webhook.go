package api

// WebhookWish is what a partner says of an endpoint, to make it or to change it.
type WebhookWish struct {
	URL   string   `json:"url"`             // https, at a public name
	Types []string `json:"types,omitempty"` // of events; none: all
	HMAC  bool     `json:"hmac,omitzero"`   // sign with a shared key as well (v1), for receivers that do not know v1a
	Off   bool     `json:"off,omitzero"`    // send nothing for now; what happens waits
}

// WebhookMade answers POST /v1/webhooks and its rotations.
type WebhookMade struct {
	Webhook ID `json:"webhook"`
}

// Webhook is an endpoint.
type Webhook struct {
	Webhook ID           `json:"webhook"`
	URL     string       `json:"url"` // empty where the server has lost the key that it was sealed with: make the endpoint anew
	Types   []string     `json:"types"`
	HMAC    bool         `json:"hmac"`
	State   string       `json:"state"`                // on, off or gone (the receiver answered 410)
	Day     int64        `json:"day"`                  // of its beginning
	Failing int64        `json:"failing_day,omitzero"` // since when nothing was taken there
	Keys    []WebhookKey `json:"keys"`                 // that sign, newest first
}

// WebhookKey is a key as a receiver wants it.
type WebhookKey struct {
	Public string `json:"public"`           // whpk_ and base64: verifies v1a
	Secret string `json:"secret,omitempty"` // whsec_ and base64: verifies v1; with hmac only
	Until  int64  `json:"until,omitzero"`   // Unix seconds; the newest has no end yet
}

// Webhooks answers GET /v1/webhooks.
type Webhooks struct {
	Webhooks []Webhook `json:"webhooks"`
}

// WebhookRotation asks for new keys.
type WebhookRotation struct {
	AtOnce bool `json:"at_once,omitzero"` // the old ones sign no more: for a shared key that somebody else has
}

// WebhookTest answers POST /v1/webhooks/{webhook}/tests.
type WebhookTest struct {
	Event ID `json:"event"` // the webhook-id that comes
}

// WebhookReplay asks for events again: one, or the dead ones since a day.
type WebhookReplay struct {
	Event ID    `json:"event,omitempty"`
	Since int64 `json:"since,omitzero"` // the first second of a day
}

// WebhookReplayed answers it.
type WebhookReplayed struct {
	Count int64 `json:"count"` // of events that are sent again
}

// WebhookDeliveries answers GET /v1/webhooks/{webhook}/deliveries, the newest day first.
type WebhookDeliveries struct {
	Deliveries []WebhookDelivery `json:"deliveries"`
}

// WebhookDelivery is how an event fares at an endpoint.
type WebhookDelivery struct {
	Event    ID     `json:"event"` // the webhook-id
	Type     string `json:"type"`
	About    ID     `json:"id"`
	Day      int64  `json:"day"`
	State    string `json:"state"`             // waiting, delivered or dead
	Attempts int64  `json:"attempts"`          // that have begun
	Outcome  string `json:"outcome,omitempty"` // of the last one: answered, timeout or unreachable
	Status   int64  `json:"status,omitzero"`   // what was answered
}

// OwedWithdrawals answers GET /v1/owed-withdrawals, the oldest first.
type OwedWithdrawals struct {
	Withdrawals []OwedWithdrawal `json:"withdrawals"`
}

// OwedWithdrawal is a consent that was withdrawn and not acknowledged yet.
type OwedWithdrawal struct {
	Item    ID    `json:"item"`
	Day     int64 `json:"day"`
	Overdue bool  `json:"overdue"`
}

// OverdueWithdrawals answers GET /v1/overdue-withdrawals, for stewards: the partners
// that have not acknowledged the end of a consent in time, by their ids.
type OverdueWithdrawals struct {
	Partners []LatePartner `json:"partners"`
}

// LatePartner says that a partner is late, and nothing of whom it concerns.
type LatePartner struct {
	Partner     ID    `json:"partner"`
	Withdrawals int64 `json:"withdrawals"` // how many it has not acknowledged in time
	Since       int64 `json:"since"`       // day of the oldest of them
}
