package main

import (
	"context"
	"encoding/base64"
	"errors"
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
			v.found(path, nil, v.words.Say("same-part", map[string]string{"n": v.words.Number(k.Part), "grant": v.words.ID(string(k.Grant))}))
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
			v.found(r.file, nil, v.words.Say("accepted", map[string]string{"seq": v.words.Number(s.Seq), "account": v.words.ID(string(s.Issuer)), "date": v.words.Day(on)}))
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

// kept says what a TERMS.json proves.
func (v *verification) kept(k *client.Kept) []string {
	l := v.words
	out := []string{
		l.Say("kept.opened", map[string]string{"account": l.ID(string(k.From)), "reader": l.ID(string(k.Reader)), "n": l.Number(k.Part), "testimony": l.ID(string(k.Testimony))}),
		l.Say("kept.by", map[string]string{"grant": l.ID(string(k.Grant)), "date": l.Day(k.Day), "vault": l.ID(k.Vault.String())}),
	}
	if k.Relocked != 0 {
		out = append(out, l.Say("kept.relocked", map[string]string{"date": l.Day(k.Relocked)}))
	}
	if k.Changed != 0 {
		out = append(out, l.Say("kept.changed", map[string]string{"date": l.Day(k.Changed)}))
	}
	if !k.OwnWords {
		out = append(out, l.Say("kept.words", nil))
	}
	out = append(out, l.Say("kept.terms", nil))
	out = append(out, l.Terms(k.Terms)...)
	return append(out, l.Say("kept.limit", nil))
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
