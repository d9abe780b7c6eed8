package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/openrosa/fieldform"
	"github.com/relatingfield/vault/internal/openrosa/forms"
)

func odkOpenCommand() command {
	return command{
		name: "odk open", args: "FOLDER", brief: "decrypt a form that was filled in with ODK Collect or KoboCollect",
		about: `FOLDER holds submission.xml and the files whose names end with .enc. Everything
is decrypted into the new folder -o DIR, which appears only when the files are
whole and belong together. It is not sealed there: whoever can use this device
can read it. Needs no vault and no network.

The format proves nothing about its sender: whoever has the blank form can make
such files. What arrived, and when, is shown by the vault's receipt and by the
digests in it, not by these files.`,
		make: func() action { return new(odkOpen) },
	}
}

type odkOpen struct{ key, dir string }

func (a *odkOpen) flags(f *flag.FlagSet) {
	f.StringVar(&a.key, "key", "", "`FILE` with the private key of your forms, in PEM")
	f.StringVar(&a.dir, "o", "", "decrypt into the new folder `DIR`")
}

func (a *odkOpen) run(_ context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	if a.key == "" || a.dir == "" {
		return usage("give the private key with --key FILE and the new folder with -o DIR")
	}
	text, err := readKeyFile(a.key)
	if err != nil {
		return err
	}
	key, err := fieldform.ParsePrivateKey(text)
	if err != nil {
		return usage("%s: %s", a.key, err)
	}
	m, err := fieldform.OpenFolder(args[0], a.dir, key)
	if err != nil {
		return mistake{exitUntrusted, "not opened, nothing was kept: " + err.Error()}
	}
	names := m.Files()
	for i, n := range names {
		names[i] = strings.TrimSuffix(n, fieldform.Suffix)
	}
	answer := map[string]any{"folder": a.dir, "form": m.FormID, "version": m.Version, "instance": m.InstanceID, "replaces": m.Replaces, "files": names, "authenticated": false}
	return p.tell(answer, func(out *screen) {
		out.sayf("Opened into %s: %d files of the form %s. They are whole and belong together.\n", a.dir, len(names), m.FormID)
		if m.Replaces != "" {
			out.sayf("It says that it corrects an earlier one: %s\n", m.Replaces)
		}
		out.sayf("Who filled it in, these files cannot prove: anybody with the blank form can make such files.\n" +
			"What arrived is proved by the vault's receipt. Nothing is sealed here; delete it when you do not need it.\n")
	})
}

func odkFormCommand() command {
	return command{
		name: "odk form", args: "", brief: "make a form for ODK Collect or KoboCollect, in five languages",
		about: `Writes a form with open prompts, questions of consent and "not now" beside every
yes and no, encrypted to the key of your organisation. The pair of keys is made,
on a machine of yours, with

    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out private.pem
    openssl pkey -in private.pem -pubout -out public.pem

Whoever has private.pem can read what was filled in; the vault never gets it.
The form says to those who tell something that your organisation can read it.`,
		make: func() action { return new(odkForm) },
	}
}

type odkForm struct{ kind, lang, key, out, id, title, version, support string }

func (a *odkForm) flags(f *flag.FlagSet) {
	f.StringVar(&a.kind, "form", "telling", "`NAME`: "+strings.Join(forms.Names(), ", "))
	f.StringVar(&a.lang, "lang", "en", "the `LANGUAGE` that phones show first: "+strings.Join(forms.Languages(), ", "))
	f.StringVar(&a.key, "key", "", "`FILE` with the public key of your forms, in PEM")
	f.StringVar(&a.out, "o", "", "write the form into the new `FILE`")
	f.StringVar(&a.id, "id", "notes", "the form's `ID`; neutral, it lies on phones")
	f.StringVar(&a.title, "name", "Notes", "its `NAME` on the phone; neutral, others look at phones")
	f.StringVar(&a.version, "version", "", "its `VERSION`; else today's date")
	f.StringVar(&a.support, "support", "", "`TEXT` that says where people find help")
}

func (a *odkForm) run(_ context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	if a.key == "" || a.out == "" {
		return usage("give the public key with --key FILE and the form's place with -o FILE")
	}
	if !slices.Contains(forms.Names(), a.kind) || !slices.Contains(forms.Languages(), a.lang) {
		return usage("--form is one of %s; --lang one of %s", strings.Join(forms.Names(), ", "), strings.Join(forms.Languages(), ", "))
	}
	text, err := readKeyFile(a.key)
	if err != nil {
		return err
	}
	key, err := fieldform.ParsePublicKey(text)
	if err != nil {
		return usage("%s: %s", a.key, err)
	}
	version := first(a.version, p.now().UTC().Format(time.DateOnly))
	doc, err := forms.Make(forms.Choice{Form: a.kind, Language: a.lang, Key: key, ID: a.id, Version: version, Title: a.title, Support: a.support})
	if err != nil {
		return usage("%s", err)
	}
	if err := newFile(a.out, doc); err != nil {
		return usage("%s", err)
	}
	return p.tell(map[string]any{"file": a.out, "form": a.id, "version": version}, func(out *screen) {
		out.sayf("The form %s is in %s. Try it on a phone before you hand it out.\n", a.id, filepath.Clean(a.out))
	})
}

// newFile writes a file that was not there.
func newFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
