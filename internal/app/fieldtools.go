package app

import (
	"context"
	"time"

	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/openrosa"
)

// fieldOverlap is how long a phone can still send after its address was changed,
// until somebody has scanned the new picture.
const fieldOverlap = 7 * 24 * time.Hour

// fieldMargin is what a post has beside its files: the form's own XML and the
// headers of parts.
const fieldMargin = 1 << 20

// takeForms makes what takes filled forms from phones.
func (v *vault) takeForms() {
	c := v.cfg.FieldTools
	v.forms = openrosa.New(openrosa.Deps{
		DB: v.db, Trays: v.trays, Blobs: v.blobs, Journal: v.journal, Now: v.app.Now, Rand: v.app.Rand,
		Limits: openrosa.Limits{
			FileSize: int64(c.FileSize), PostSize: int64(c.FileSize) + int64(c.PostSize) + fieldMargin, Posts: c.Posts,
			Collectors: int64(c.Collectors), Forms: int64(c.Forms), Term: c.Term, Overlap: fieldOverlap, Remember: c.Remember,
		},
	})
}

// fieldPlace is where phones find the vault.
func (v *vault) fieldPlace() httpapi.FieldPlace {
	return httpapi.FieldPlace{Origin: v.cfg.FieldTools.Origin, Origins: v.origins}
}

// fieldRoutes are those of phones, and of the partners who hand them forms.
func (v *vault) fieldRoutes() []httpapi.Route {
	phones := &httpapi.FieldTools{Intake: v.forms, Place: v.fieldPlace(), PostSize: int64(v.cfg.FieldTools.PostSize)}
	partners := &httpapi.Collecting{Intake: v.forms, Place: v.fieldPlace()}
	return append(phones.Routes(), partners.Routes()...)
}

func (v *vault) forgetForms(ctx context.Context) error { return drain(ctx, v.forms.Forget) }
