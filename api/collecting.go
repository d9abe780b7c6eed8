package api

// NewForm is POST /v1/forms: a form for the phones of a collection.
type NewForm struct {
	Tray     string `json:"tray"`     // the code of the collection's tray
	Document Bytes  `json:"document"` // an XForm that encrypts to a key of the partner's
}

// Form is a form that phones can get, or could.
type Form struct {
	Form    ID     `json:"form"`
	Tray    ID     `json:"tray"`
	FormID  string `json:"form_id"` // its own id
	Version string `json:"version"`
	Name    string `json:"name"` // as it shows on phones
	Day     int64  `json:"day"`  // since when
	Over    bool   `json:"over"` // it was withdrawn, or another version took its place
}

// Forms answers GET /v1/forms; further pages by the Link header.
type Forms struct {
	Forms []Form `json:"forms"`
}

// WithdrawnForm answers POST /v1/forms/{form}/withdrawal.
type WithdrawnForm struct {
	Form ID `json:"form"`
}

// NewCollector is POST /v1/collectors: one more phone that may send forms.
type NewCollector struct {
	Tray  string `json:"tray"`           // the code of the collection's tray
	Until int64  `json:"until,omitzero"` // Unix seconds of a whole day; absent: as long as may be
}

// Rotation is POST /v1/collectors/{collector}/rotation.
type Rotation struct {
	Until int64 `json:"until,omitzero"`
}

// IssuedCollector answers both. Token and URL are told once.
type IssuedCollector struct {
	Collector ID     `json:"collector"`
	Token     string `json:"token"`
	URL       string `json:"url"`      // what a phone has to be given
	Settings  string `json:"settings"` // the same as ODK Collect reads it from a picture
	Until     int64  `json:"until"`    // Unix seconds of the first day on which it is good no more
}

// Collector is a phone in the partner's list.
type Collector struct {
	Collector ID    `json:"collector"`
	Tray      ID    `json:"tray"`
	Day       int64 `json:"day"` // since when
	Until     int64 `json:"until"`
	Over      bool  `json:"over"` // it was revoked or has ended
}

// Collectors answers GET /v1/collectors; further pages by the Link header.
type Collectors struct {
	Collectors []Collector `json:"collectors"`
}

// RevokedCollector answers POST /v1/collectors/{collector}/revocation.
type RevokedCollector struct {
	Collector ID `json:"collector"`
}
