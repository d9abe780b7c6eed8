package config

import "time"

// Closure is about the end of grants.
type Closure struct {
	// AnswerWithin is how long a reader has to answer to the end of a grant, 24h to
	// 8760h: to acknowledge it and, where something was fetched, to attest that it
	// is destroyed or to say why not. Whoever does not gets no new grants until they
	// have. What has ended already keeps the time that counted when it did.
	AnswerWithin time.Duration `yaml:"answer_within"`
}
