package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/openrosa/provision"
	"github.com/relatingfield/vault/internal/openrosa/xform"
)

// forCollection is a command of a program that needs to know which collection.
type forCollection struct {
	byProgram
	card string
}

func (a *forCollection) flags(f *flag.FlagSet) {
	a.byProgram.flags(f)
	f.StringVar(&a.card, "card", "", "the collection's card, `FILE`, as testimony collection open wrote it")
}

// at signs in as the program and does something with the code of the tray.
func (a *forCollection) at(ctx context.Context, p *program, do func(ctx context.Context, c *client.Client, code string) error) error {
	if a.card == "" {
		return usage("which collection? Give its card with --card FILE")
	}
	cfg, err := a.programConfig(ctx, p)
	if err != nil {
		return err
	}
	place, err := p.place(a.card, cfg.Vault)
	if err != nil {
		return err
	}
	return a.with(ctx, p, cfg, func(ctx context.Context, c *client.Client) error { return do(ctx, c, place.Code) })
}

func odkAddCommand() command {
	return command{
		name: "odk add", args: "FORM", brief: "hand a form out to the phones of a collection, as a program",
		about: `FORM is an XForm that encrypts to a key of your organisation: testimony odk form makes
one. A form with the same id is withdrawn; phones get the new one by themselves.`,
		make: func() action { return new(odkAdd) },
	}
}

type odkAdd struct{ forCollection }

func (a *odkAdd) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	doc, err := readForm(args[0])
	if err != nil {
		return err
	}
	return a.at(ctx, p, func(ctx context.Context, c *client.Client, code string) error {
		form, err := c.AddForm(ctx, code, doc)
		if err != nil {
			return err
		}
		return p.tell(form, func(out *screen) {
			out.sayf("Phones get the form %s, version %s, under the name %s.\n", form.FormID, form.Version, form.Name)
		})
	})
}

// readForm says here already what is wrong with a form, and why.
func readForm(path string) ([]byte, error) {
	doc, err := readSome(path, xform.MaxSize)
	if err != nil {
		return nil, err
	}
	if _, err := xform.Check(doc); err != nil {
		return nil, usage("%s: %s", path, err)
	}
	return doc, nil
}

func odkListCommand() command {
	return command{
		name: "odk list", brief: "show the forms and phones of your organisation, as a program",
		about: `Forms that phones get, and phones that may send. What is over is shown for a while.`,
		make:  func() action { return new(odkList) },
	}
}

type odkList struct{ byProgram }

func (a *odkList) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.program(ctx, p, func(ctx context.Context, c *client.Client) error {
		forms, err := c.Forms(ctx)
		if err != nil {
			return err
		}
		phones, err := c.Collectors(ctx)
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"forms": forms, "collectors": phones}, func(out *screen) {
			for _, f := range forms {
				out.sayf("Form  %s  %s, version %s%s\n", f.Form, f.FormID, f.Version, over(f.Over))
			}
			for _, f := range phones {
				out.sayf("Phone %s  until the end of %s%s\n", f.Collector, lastDay(f.Until), over(f.Over))
			}
		})
	})
}

func over(is bool) string {
	if is {
		return "  (over)"
	}
	return ""
}

func odkWithdrawCommand() command {
	return command{
		name: "odk withdraw", args: "FORM", brief: "hand a form out no more, as a program",
		about: `Phones that have it can still fill it in and send it.`,
		make: func() action {
			return &odkEnd{end: (*client.Client).WithdrawForm, said: "No phone gets the form %s any more.\n"}
		},
	}
}

func odkRevokeCommand() command {
	return command{
		name: "odk revoke", args: "PHONE", brief: "end a phone's address at once, as a program",
		about: `For a phone that was lost: whoever has it cannot send any more. What lies on it is not
deleted by this; what was finished there opens with your private key only.`,
		make: func() action {
			return &odkEnd{end: (*client.Client).RevokeCollector, said: "The phone %s sends no more.\n"}
		},
	}
}

type odkEnd struct {
	byProgram
	end  func(*client.Client, context.Context, api.ID) error
	said string
}

func (a *odkEnd) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	name, err := fieldID(args[0])
	if err != nil {
		return err
	}
	return a.program(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := a.end(c, ctx, name); err != nil {
			return err
		}
		return p.tell(map[string]any{"over": name}, func(out *screen) { out.sayf(a.said, name) })
	})
}

func fieldID(text string) (api.ID, error) {
	v, err := id.Parse(text)
	if err != nil {
		return "", usage("%q is not the id of a form or phone: testimony odk list shows them", text)
	}
	return v, nil
}

func odkPhoneCommand() command {
	return command{
		name: "odk phone", args: "[PHONE]", brief: "set a phone up by a picture, as a program",
		about: `Makes an address for one more phone, or a new one for PHONE, and draws the picture that
ODK Collect and KoboCollect scan. Show it once, to that phone: whoever photographs it
can send forms in its name, and read nothing. The old address of PHONE is good for
seven days more. With --png the picture is a file; without, it is drawn here.`,
		make: func() action { return new(odkPhone) },
	}
}

type odkPhone struct {
	forCollection
	until, png string
}

func (a *odkPhone) flags(f *flag.FlagSet) {
	a.forCollection.flags(f)
	f.StringVar(&a.until, "until", "", "last `DATE`; else as long as the vault allows")
	f.StringVar(&a.png, "png", "", "draw the picture into a new `FILE`")
}

func (a *odkPhone) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 1); err != nil {
		return err
	}
	until, err := int64(0), error(nil)
	if a.until != "" {
		if until, err = endFlag("until", a.until); err != nil {
			return err
		}
	}
	if len(args) == 1 {
		name, err := fieldID(args[0])
		if err != nil {
			return err
		}
		return a.program(ctx, p, func(ctx context.Context, c *client.Client) error {
			one, err := c.RotateCollector(ctx, name, until)
			return a.show(p, one, err)
		})
	}
	return a.at(ctx, p, func(ctx context.Context, c *client.Client, code string) error {
		one, err := c.AddCollector(ctx, code, until)
		return a.show(p, one, err)
	})
}

func (a *odkPhone) show(p *program, one *api.IssuedCollector, err error) error {
	if err != nil {
		return err
	}
	picture, err := provision.Draw(one.Settings)
	if err != nil {
		return err
	}
	if a.png != "" {
		if err := newFile(a.png, picture.PNG()); err != nil {
			return errors.Join(usage("%s", err), fmt.Errorf("the phone %s was made: revoke it, and try again", one.Collector))
		}
	}
	return p.tell(one, func(out *screen) {
		out.sayf("Phone %s sends until the end of %s.\n", one.Collector, lastDay(one.Until))
		if a.png != "" {
			out.sayf("The picture is in %s. Delete it when the phone has scanned it.\n", a.png)
			return
		}
		out.write(picture.Terminal())
	})
}

func odkFetchCommand() command {
	return command{
		name: "odk fetch", args: "DIR", brief: "fetch the filled forms of a collection, with its words",
		about: `Saves each filled form that waits in the collection's trays into a folder of DIR, as it
came: encrypted to the key of the form (testimony odk open), with the vault's signed
notes in DELIVERY.json. What was fetched before is not fetched again.

With --adopt, each form that is whole becomes a testimony of the collection, from
which a woman can claim it; else it waits in the tray, for as long as the vault keeps
what waits there.`,
		make: func() action { return new(odkFetch) },
	}
}

type odkFetch struct {
	connection
	adopt bool
}

func (a *odkFetch) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.adopt, "adopt", false, "make each whole form a testimony of the collection")
}

func (a *odkFetch) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		forms, err := c.SaveFieldForms(ctx, args[0])
		if err != nil {
			return err
		}
		adopted := 0
		if a.adopt {
			if adopted, err = c.AdoptFieldForms(ctx, forms); err != nil {
				return err
			}
		}
		return p.tell(map[string]any{"forms": forms, "adopted": adopted}, func(out *screen) {
			for _, f := range forms {
				out.sayf("%s\n", f.Folder)
				for _, m := range f.Missing {
					out.sayf("  %s has not come yet\n", m)
				}
			}
			out.sayf("%d forms; %d were made testimonies. %s\n", len(forms), adopted, couldRead)
		})
	})
}
