package api

// Application is a researcher who waits: key and apply statement, and the
// accredit statements so far.
type Application struct {
	Key      string   `json:"key"`
	Apply    string   `json:"apply"`
	Accredit []string `json:"accredits"`
}

// Applications answers GET /v1/applications.
type Applications struct {
	Applications []Application `json:"applications"`
}

// Accreditation answers POST /v1/accreditations and /v1/suspensions.
type Accreditation struct {
	Accepted
	Accreditation Hash `json:"accreditation"` // SHA-256 of the accredit body
	Approvals     int  `json:"approvals"`     // stewards of the roster in force who signed it
	Threshold     int  `json:"threshold"`
	Effective     bool `json:"effective"`
}

// Researcher answers GET /v1/researchers/{account}: all that a client needs to
// decide for itself whether she is accredited.
type Researcher struct {
	Key      string   `json:"key"`
	Apply    string   `json:"apply"`
	Accredit []string `json:"accredits"`
	Suspend  []string `json:"suspends"`
	Silent   bool     `json:"silent,omitzero"` // owes somebody an answer; said of one researcher, not in lists
}

// Researchers answers GET /v1/researchers.
type Researchers struct {
	Researchers []Researcher `json:"researchers"`
}
