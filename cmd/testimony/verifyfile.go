package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// checkSealed looks for the terms that a sealed part was granted on.
func (v *verification) checkSealed(path string) {
	if len(v.terms) == 0 {
		v.found(path, errors.New("an age file says nothing of who made it: name the TERMS.json that came with it too"))
		return
	}
	err := error(nil)
	for _, k := range v.terms {
		if err = matches(k, path); err == nil {
			v.found(path, nil, fmt.Sprintf("This is part %d of grant %s, byte for byte as it was granted.", k.Part, k.Grant))
			return
		}
	}
	v.found(path, err)
}

func matches(k *client.Kept, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return k.Match(f)
}

func (v *verification) checkReceipt(r receipt) {
	if len(v.key) == 0 {
		v.found(r.file, errors.New("to check a receipt, give the vault's key with --receipt-key (see testimony vault)"))
		return
	}
	err := errors.New("to check a receipt, name the file of its statement too")
	for _, s := range v.statements {
		var on int64
		if on, err = client.VerifyReceipt(s.Compact(), r.compact, v.key); err == nil {
			v.found(r.file, nil, fmt.Sprintf("The vault accepted statement %d of account %s on %s.", s.Seq, s.Issuer, day(on)))
			return
		}
	}
	v.found(r.file, err)
}

// isReceipt looks at the header that a JWS names itself by; nothing rests on it.
func isReceipt(compact string) bool {
	head, _, _ := strings.Cut(compact, ".")
	b, err := base64.RawURLEncoding.DecodeString(head)
	return err == nil && strings.Contains(string(b), `"`+statement.ReceiptType+`"`)
}

func keptWords(k *client.Kept) []string {
	out := []string{
		fmt.Sprintf("Account %s let account %s open part %d of testimony %s,", k.From, k.Reader, k.Part, k.Testimony),
		fmt.Sprintf("by grant %s, signed on %s in vault %s.", k.Grant, day(k.Day), k.Vault),
	}
	if k.Relocked != 0 {
		out = append(out, fmt.Sprintf("She sealed the part anew on %s.", day(k.Relocked)))
	}
	if k.Changed != 0 {
		out = append(out, fmt.Sprintf("She changed the terms on %s.", day(k.Changed)))
	}
	out = append(out, "The terms, by her signature:")
	for _, t := range termsInWords(k.Terms) {
		out = append(out, "  "+t)
	}
	return append(out, "Whether she has taken it back since, only the vault can say.")
}

func statementWords(s *statement.Statement) []string {
	return []string{
		fmt.Sprintf("Account %s signed this on %s in vault %s,", s.Issuer, day(s.IssuedAt), s.Vault),
		fmt.Sprintf("as number %d of its chain: it %s.", s.Seq, actWords(s.Body)),
	}
}

// actWords says what a statement does, after "it".
func actWords(b statement.Body) string {
	switch b := b.(type) {
	case *statement.Key:
		return "opened an account as " + string(b.Role)
	case *statement.Apply:
		return fmt.Sprintf("applied as %s of %s", b.Name, b.Institution)
	case *statement.Accredit:
		return fmt.Sprintf("vouched for account %s as %s of %s, to the end of %s", b.Account, b.Name, b.Institution, lastDay(b.Until))
	case *statement.Suspend:
		return fmt.Sprintf("suspended account %s", b.Account)
	case *statement.RosterChange:
		return fmt.Sprintf("agreed to roster %d", b.RosterSeq)
	case *statement.Grant:
		var numbers []int64
		for _, p := range b.Parts {
			numbers = append(numbers, p.N)
		}
		return fmt.Sprintf("let account %s open %s of testimony %s to the end of %s", b.Grantee, partList(numbers), b.Testimony, lastDay(b.Until))
	case *statement.Revoke:
		return fmt.Sprintf("took back grant %s on testimony %s", b.Grant, b.Testimony)
	case statement.OnTestimony:
		return fmt.Sprintf("%s testimony %s", onTestimonyWords(b), b.Subject())
	}
	return "did something that this program does not know"
}

func onTestimonyWords(b statement.OnTestimony) string {
	switch b := b.(type) {
	case *statement.Card:
		return "set the title and labels of"
	case *statement.Begin:
		return fmt.Sprintf("began to store part %d of", b.N)
	case *statement.Add:
		return fmt.Sprintf("stored part %d of", b.N)
	case *statement.Received:
		return fmt.Sprintf("handed over part %d of", b.N)
	case *statement.Adopt:
		return fmt.Sprintf("adopted part %d of", b.N)
	case *statement.Relock:
		return fmt.Sprintf("sealed part %d anew in", b.N)
	case *statement.Erase:
		return "erased"
	}
	return "did something that this program does not know with"
}

// everything checks on the vault all that is hers.
func (a *verify) everything(ctx context.Context, p *program) error {
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		r, err := c.Verify(ctx, a.content)
		if err != nil {
			return err
		}
		if err := p.reported(r, a.content); err != nil {
			return err
		}
		if len(r.Findings) > 0 {
			return mistake{exitUntrusted, "something does not hold: see above"}
		}
		return nil
	})
}

func (p *program) reported(r *client.Report, content bool) error {
	findings := []string{}
	for _, f := range r.Findings {
		findings = append(findings, f.Error())
	}
	answer := map[string]any{"head": r.Head.String(), "compared": r.Compared, "testimonies": r.Testimonies, "parts": r.Parts,
		"grants": r.Grants, "content": content, "findings": findings}
	return p.tell(answer, func(out *screen) {
		out.sayf("Stewards: %d, of whom %d must agree, as founded and changed by their own signatures.\n", r.Stewards, r.Threshold)
		out.sayf("Your chain is whole: %d statements. Head %s\n", r.Head.Seq, r.Head)
		out.sayf("Checked: %d testimonies, %s, %d grants.\n", r.Testimonies, parts(r.Parts), r.Grants)
		if !content {
			out.sayf("Keys and headers were checked, not every byte stored: --content does that.\n")
		}
		for _, f := range findings {
			out.sayf("DOES NOT HOLD: %s\n", f)
		}
		if len(findings) == 0 {
			out.sayf("Everything holds.\n")
		}
	})
}
