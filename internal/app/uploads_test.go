package app_test

import (
	"crypto/rand"
	"crypto/sha1" // tus has it
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// upload speaks tus by hand, in every way that the contract has, and is refused in
// most.
func (w *witness) upload(p people, tid api.ID) {
	const n, size = 77, 1 << 20
	path := "/v1/testimonies/" + string(tid) + "/parts/77/payload"
	payload := w.begin(p, tid, n, size)
	v, tus := api.HeaderTusResumable, api.TusVersion
	patch := func(status int, body, offset string, more ...string) {
		w.raw(p.her, status, "PATCH", path, body, append([]string{v, tus, "Content-Type", api.MediaTus, api.HeaderUploadOffset, offset}, more...)...)
	}
	w.raw(p.her, 204, "OPTIONS", path, "")
	w.raw(p.her, 201, "POST", path, "", v, tus, api.HeaderUploadLength, "1048576")
	w.raw(p.her, 422, "POST", path, "", v, tus, api.HeaderUploadLength, "7")
	w.raw(p.her, 400, "POST", path, "", v, tus, api.HeaderUploadLength, "1048576", "Upload-Metadata", "filename eA==")
	w.raw(p.her, 413, "POST", path, "x", v, tus, api.HeaderUploadLength, "1048576")
	w.raw(p.her, 412, "HEAD", path, "", v, "0.2.2")
	w.raw(p.reader, 404, "HEAD", path, "", v, tus)
	patch(422, strings.Repeat("x", 100), "0")
	patch(204, payload[:100], "0")
	patch(409, payload[:100], "0")
	patch(400, payload[100:200], "+100")
	patch(415, payload[100:200], "100", "Content-Type", api.MediaBytes)
	patch(413, payload, "100")
	sum := sha1.Sum([]byte(payload[100:200]))
	good := "sha1 " + base64.StdEncoding.EncodeToString(sum[:])
	patch(460, payload[101:201], "100", api.HeaderUploadChecksum, good)
	patch(204, payload[100:200], "100", api.HeaderUploadChecksum, good)
	patch(400, payload[200:300], "200", api.HeaderUploadChecksum, "md5 x")
	w.raw(p.her, 200, "HEAD", path, "", v, tus)
	if kept := w.raw(p.her, 200, "GET", path, ""); string(kept) != payload[:200] {
		w.t.Errorf("%d bytes are kept", len(kept))
	}
	w.raw(p.her, 206, "GET", path, "", "Range", "bytes=16-31")
	patch(204, payload[200:], "200")
	w.raw(p.her, 200, "HEAD", path, "", v, tus)
	w.raw(p.her, 204, "DELETE", path, "", v, tus)
	w.raw(p.her, 404, "HEAD", path, "", v, tus)
}

// begin opens a slot for a payload and gives the payload.
func (w *witness) begin(p people, tid api.ID, n, size int64) string {
	key, err := envelope.NewFileKey(rand.Reader)
	w.must(err)
	to, _, err := envelope.ParseRecipient(w.v.Keys().Recipient)
	w.must(err)
	header, err := envelope.ComposeHeader(key, to)
	w.must(err)
	payload := make([]byte, size)
	_, err = rand.Read(payload)
	w.must(err)
	body, err := json.Marshal(statement.Begin{Testimony: tid, N: n, HeaderSHA256: api.HashOf(header).String(), Nonce: statement.B64(payload[:16]), Length: size})
	w.must(err)
	signed, err := p.her.Sign(w.t.Context(), string(statement.ActBegin), body)
	w.must(err)
	part, err := json.Marshal(api.NewPart{Statement: signed, Header: header})
	w.must(err)
	w.raw(p.her, 201, "POST", "/v1/testimonies/"+string(tid)+"/parts", string(part), api.HeaderIdempotencyKey, strings.Replace(someKey, "3f25", "7f25", 1))
	return string(payload)
}
