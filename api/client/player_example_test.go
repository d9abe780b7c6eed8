package client_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// A video that somebody was let look at, for a player on the same machine that seeks
// in it. The server listens on a loopback address only, behind a token that is made
// for this one showing; nothing is written to a disk, and the browser is asked to keep
// nothing.
func ExampleClient_Play() {
	ctx := context.Background()
	vault, reader, done := practice(ctx)
	defer done()
	grant := shared(ctx, vault, reader, "clip.mp4", bytes.Repeat([]byte("frame "), 200_000))

	player, err := reader.Play(ctx, grant, 1)
	check(err)
	defer player.Close()
	token := rand.Text()
	show := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.URL.Path), []byte("/"+token)) == 0 {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", player.Info.MediaType)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		// One reader for each request: they share the player, not their place in it.
		http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(player, 0, player.Size()))
	}))
	defer show.Close()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, show.URL+"/"+token, http.NoBody)
	check(err)
	req.Header.Set("Range", "bytes=600000-600010")
	resp, err := http.DefaultClient.Do(req)
	check(err)
	defer resp.Body.Close()
	frames, err := io.ReadAll(resp.Body)
	check(err)
	fmt.Println(resp.StatusCode, resp.Header.Get("Content-Type"), string(frames))
	// Output:
	// 206 video/mp4 frame frame
}

// shared is a grant to look at one part, made by somebody new.
func shared(ctx context.Context, vault client.Config, reader *client.Client, name string, content []byte) api.ID {
	secret, err := client.NewSecret(rand.Reader)
	check(err)
	vault.Keys, err = client.KeysFor(secret, vault.Vault)
	check(err)
	her, err := client.New(vault)
	check(err)
	check(her.Enrol(ctx, "participant", ""))
	testimony, err := her.Create(ctx, client.Testimony{Title: "t", Parts: []client.Content{client.Bytes(name, "", content)}})
	check(err)
	grant, err := her.Grant(ctx, client.Offer{Testimony: testimony, Parts: []int64{1}, To: reader.Account()})
	check(err)
	return grant.ID
}
