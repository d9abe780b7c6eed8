package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// isRevocation looks at the header that a JWS names itself by; nothing rests on
// it.
func isRevocation(compact string) bool {
	head, _, _ := strings.Cut(compact, ".")
	b, err := base64.RawURLEncoding.DecodeString(head)
	return err == nil && strings.Contains(string(b), `"`+statement.RevocationType+`"`)
}

// checkRevocation checks one line of a file.
func (v *verification) checkRevocation(r receipt) {
	if len(v.key) == 0 {
		v.found(r.file, errors.New("to check a receipt, give the vault's key with --receipt-key (see testimony vault)"))
		return
	}
	said, err := client.VerifyRevocation(r.compact, v.key)
	if err != nil {
		v.found(r.file, err)
		return
	}
	v.found(r.file, v.ofThisVault(said.Vault), append(revocationWords(said), v.byWhom(said))...)
}

// byWhom says whether the statement that ended it is among the files.
func (v *verification) byWhom(r *client.Revocation) string {
	for _, s := range v.statements {
		if hash := s.Hash(); statement.B64(hash[:]) == r.Statement {
			return fmt.Sprintf("It was ended by statement %d of that account, which is among these files.", s.Seq)
		}
	}
	return "It was ended by the statement with the SHA-256 " + r.Statement + "."
}

func revocationWords(r *client.Revocation) []string {
	var numbers []int64
	for _, p := range r.Parts {
		numbers = append(numbers, p.N)
	}
	out := []string{
		fmt.Sprintf("The vault destroyed the key of account %s to %s of testimony %s on %s,", r.Grantee, partList(numbers), r.Testimony, day(r.Day)),
		fmt.Sprintf("which account %s had given by grant %s.", r.Account, r.Grant),
	}
	for _, p := range r.Parts {
		out = append(out, fmt.Sprintf("  part %d: %s", p.N, payloadWords(p.Payload)))
	}
	if len(r.Fetched) == 0 {
		return append(out, "Nothing had been fetched before.")
	}
	out = append(out, "All that had been fetched before:")
	for _, f := range inOrder(delivered(r)) {
		out = append(out, "  "+opening(f))
	}
	return out
}

func delivered(r *client.Revocation) []api.Opening {
	var out []api.Opening
	for _, f := range r.Fetched {
		out = append(out, api.Opening(f))
	}
	return out
}

func payloadWords(p statement.Payload) string {
	switch p {
	case statement.PayloadRelocked:
		return "sealed anew since, and what that key opened is destroyed"
	case statement.PayloadErased:
		return "erased since"
	}
	return "not sealed anew when this was signed: a copy of that key would still open a copy of what is stored"
}
