package partner

import "time"

// Assertion is what tests see of one that was read and not verified.
type Assertion struct {
	Client  string
	JTI     string
	Expires time.Time
	Origins []string
}

// ParseAssertion is what Token does first.
func ParseAssertion(compact string, origins []string, now time.Time) (Assertion, error) {
	a, err := parse(compact, origins, now)
	if err != nil {
		return Assertion{}, err
	}
	return Assertion{string(a.Client), a.jti, a.expires, a.origins}, nil
}
