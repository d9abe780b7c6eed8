package app_test

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// note keeps a note, tells her that she was heard, and does what a reader does wrong.
func (w *witness) note(p people, g api.ID) {
	ctx, at := w.t.Context(), "/v1/inbox/"+string(g)
	w.must(p.reader.SetNote(ctx, g, 1, "she says it twice"))
	if all, err := p.reader.Notes(ctx, g); err != nil || len(all) != 1 || all[0].Text != "she says it twice" {
		w.t.Fatalf("%+v, %v", all, err)
	}
	w.must(p.reader.Hear(ctx, g, statement.Thankful))
	w.raw(p.reader, 422, "PUT", at+"/notes/1", `{"sealed":"AAAA"}`)
	w.raw(p.reader, 404, "PUT", at+"/notes/99", `{"sealed":""}`)
	w.raw(p.reader, 404, "PUT", at+"/notes/x", `{"sealed":""}`)
	w.raw(p.her, 404, "GET", at+"/notes", "")
}
