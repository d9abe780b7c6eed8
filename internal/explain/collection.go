package explain

import "github.com/relatingfield/vault/internal/statement"

// aboutCollections is what officers of partners sign beside keys and agreements.
func (l *Language) aboutCollections(s *statement.Statement) (string, with, []string) {
	switch b := s.Body.(type) {
	case *statement.Collection:
		return "collection", with{"partner": l.ID(string(b.Partner)), "account": l.ID(string(b.Account)), "until": l.Day(b.Until)}, nil
	case *statement.Consultation:
		return "consultation", with{"partner": l.ID(string(b.Partner)), "consultation": l.ID(string(b.Consultation)), "until": l.Day(b.Until)}, nil
	}
	return "", nil, nil
}
