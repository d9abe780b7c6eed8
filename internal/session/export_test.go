package session

import "github.com/relatingfield/vault/internal/id"

// The parsers, for fuzzing: behind the checks that come before them no fuzzer
// gets far.

// ParseLogin is parseLogin.
func ParseLogin(compact string) (account id.Thumbprint, err error) {
	l, err := parseLogin(compact)
	if err != nil {
		return "", err
	}
	return l.account, l.verify()
}

// ParseProof is parseProof.
func ParseProof(compact string) (jkt string, err error) {
	p, err := parseProof(compact)
	if err != nil {
		return "", err
	}
	return p.thumbprint, p.verify()
}

// VerifyToken is verifyToken.
func (s *Service) VerifyToken(token string) (id.Thumbprint, error) {
	t, err := s.verifyToken(token)
	return t.account, err
}
