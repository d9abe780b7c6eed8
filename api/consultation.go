package api

// NewConsultation is POST /v1/consultations: an officer's word, and the document.
type NewConsultation struct {
	Statement string `json:"statement"` // consultation
	Document  Bytes  `json:"document"`
}

// RegisterConsultation is POST /v1/partner/consultations, by a program.
type RegisterConsultation struct {
	Consultation ID    `json:"consultation"`
	Document     Bytes `json:"document"`
	Until        int64 `json:"until"` // Unix seconds, a whole day
}

// Consultation is a named call, readable before anything is told.
type Consultation struct {
	Consultation ID     `json:"consultation"`
	Partner      ID     `json:"partner"`
	Day          int64  `json:"day"`   // of opening
	Until        int64  `json:"until"` // the first day on which nothing more belongs to it
	Document     Bytes  `json:"document"`
	Statement    string `json:"statement,omitempty"` // of an officer; absent where a program registered it
}

// OpenedConsultation answers an officer.
type OpenedConsultation struct {
	Accepted
	Consultation Consultation `json:"consultation"`
}

// Belonging is POST /v1/testimonies/{testimony}/consultation, by a collection.
type Belonging struct {
	Consultation ID `json:"consultation"`
}

// ConsultationCounts are rounded, noised, and the same for everybody who asks. Zero is
// fewer than ten, or that nothing is said.
type ConsultationCounts struct {
	Brought int64 `json:"brought"`
	Taken   int64 `json:"taken"`
	Day     int64 `json:"day"` // of the newest draw; 0 before the first
}
