package app_test

import (
	"context"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// bringLarge brings an item that does not go in one request, and gives another up on
// its way.
func (w *witness) bringLarge(program *client.Client, to client.Place) {
	ctx := w.t.Context()
	content := client.Bytes("a.bin", "application/octet-stream", make([]byte, api.MaxWholeItem+1))
	_, err := program.Deliver(ctx, client.Delivery{To: to, Content: content})
	w.must(err)
	item, err := program.NewItem()
	w.must(err)
	onTheWay, hangUp := context.WithCancel(ctx)
	content.Watch = func(int64, int64) { hangUp() }
	if _, err := program.Deliver(onTheWay, client.Delivery{To: to, Content: content, Item: item}); err == nil {
		w.t.Error("it arrived whole")
	}
	path, resumable := "/v1/deliveries/"+string(item)+"/payload", []string{api.HeaderTusResumable, api.TusVersion}
	patch := func(status int, offset, body string, more ...string) {
		w.raw(program, status, "PATCH", path, body, append(append(more, resumable...), "Content-Type", api.MediaTus, api.HeaderUploadOffset, offset)...)
	}
	w.raw(program, 204, "OPTIONS", path, "")
	old := []string{api.HeaderTusResumable, "0.2.2"}
	for _, verb := range []string{"POST", "HEAD", "DELETE"} {
		w.raw(program, 412, verb, path, "", append(old, api.HeaderUploadLength, "17000000", api.HeaderTray, strings.Repeat("a", 26), api.HeaderSealed, "AA", api.HeaderDelivery, "a.b.c")...)
	}
	w.raw(program, 412, "PATCH", path, "x", append(old, "Content-Type", api.MediaTus, api.HeaderUploadOffset, "0")...)
	patch(409, "7", "x")
	patch(460, "0", "x", api.HeaderUploadChecksum, "sha256 "+strings.Repeat("A", 43)+"=")
	w.raw(program, 204, "DELETE", path, "", resumable...)
	w.raw(program, 404, "HEAD", path, "", resumable...)
	w.raw(program, 404, "DELETE", path, "", resumable...)
	patch(404, "0", "x")
	w.raw(program, 422, "POST", path, "", append(resumable, api.HeaderUploadLength, "17000000", api.HeaderTray, strings.Repeat("a", 26), api.HeaderSealed, "AA", api.HeaderDelivery, "a.b.c")...)
}
