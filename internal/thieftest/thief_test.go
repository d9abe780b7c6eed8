package thieftest_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/thieftest"
)

// steals is promise P2: the database, the objects and every secret of the server
// open nothing; one secret of hers among them would.
func (w *world) steals() {
	w.t.Helper()
	secrets := w.secretsOfHer()
	w.node.Kill()
	thief := thieftest.New(w.vault.ID, w.rows(), w.folder())
	for _, o := range thief.Opens() {
		w.t.Errorf("the thief succeeds: %s", o)
	}
	w.found(thief)
	for how, planted := range secrets {
		if len(thief.Try(planted)) == 0 {
			w.t.Errorf("the thief opens nothing with %s", how)
		}
	}
	w.demanded()
}

// found wants the thief to have had everything in hand: parts, cards and headers
// with their outer seal off, and people's public keys. The steward's words lie
// beside a practice vault's data, so that private key must be among the loot; it
// opens no testimony.
func (w *world) found(thief *thieftest.Thief) {
	w.t.Helper()
	if n := thief.Payloads(); n < parts+1 {
		w.t.Errorf("the thief found %d sealed payloads, want %d parts and a card", n, parts)
	}
	if n := thief.Headers(); n < parts+granted+1 {
		w.t.Errorf("the thief found %d headers, want %d", n, parts+granted+1)
	}
	public, private := thief.Recipients()
	if public != 3 || private != 1 {
		w.t.Errorf("the thief found %d public and %d private keys, want 3 (hers, the reader's, the steward's) and 1 (the steward's)", public, private)
	}
}

// secretsOfHer are what only she has, each as a careless server could keep it.
func (w *world) secretsOfHer() map[string]thieftest.Piece {
	w.t.Helper()
	fileKey := w.fileKey(1)
	words, err := client.Words(w.her.Secret, "en")
	w.must(err)
	identity := string(w.her.Keys.IdentityFile().Reveal())
	file := func(text string) thieftest.Piece { return thieftest.Piece{Where: "a file", Data: []byte(text)} }
	cell := func(b []byte) thieftest.Piece { return thieftest.Piece{Where: "idempotency.answer", Data: b} }
	return map[string]thieftest.Piece{
		"the file key in a row":                cell(append([]byte("\x08\x01"), append(fileKey, "more"...)...)),
		"the file key of a large part":         cell(w.fileKey(2)),
		"the file key of a part that arrived":  cell(w.fileKey(3)),
		"the file key of an upload under way":  cell(w.fileKeyUnderWay()),
		"the file key as base64 in JSON":       file(`{"level":"debug","key":"` + base64.StdEncoding.EncodeToString(fileKey) + `"}`),
		"the file key as hexadecimal in a log": file("sealed with " + hex.EncodeToString(fileKey)),
		"her identity":                         file(identity),
		"her words":                            file("x\n" + strings.Join(words, " ") + "\n"),
		"her digits":                           cell([]byte(client.Digits(w.her.Secret))),
		"her secret":                           cell(w.her.Secret.Reveal()),
		"the reader's identity":                file(string(w.reader.Keys.IdentityFile().Reveal())),
	}
}

// fileKeyUnderWay unwraps her header of the upload.
func (w *world) fileKeyUnderWay() []byte {
	w.t.Helper()
	var t api.Testimony
	w.get("/v1/testimonies/"+string(w.testimony), &t)
	key, err := envelope.OpenHeader(t.Uploads[0].Header, w.her.Keys)
	w.must(err)
	return key.Reveal()
}

// fileKey unwraps her header of a part, as her client does.
func (w *world) fileKey(n int64) []byte {
	w.t.Helper()
	req := w.her.Request(http.MethodGet, fmt.Sprintf("/v1/testimonies/%s/parts/%d/header", w.testimony, n), nil)
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	defer resp.Body.Close()
	header, _, err := envelope.Split(resp.Body)
	w.must(err)
	key, err := envelope.OpenHeader(header, w.her.Keys)
	w.must(err)
	return key.Reveal()
}
