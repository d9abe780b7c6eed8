package client_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/roster"
)

// A secret is made by the machine, written down in words or digits, and has keys
// of its own in every vault.
func ExampleParseSecret() {
	card := "legal winner thank year wave sausage worth useful legal winner thank yellow"
	secret, err := client.ParseSecret(card)
	if err != nil {
		log.Fatal(err)
	}
	vault, err := api.ParseHash("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	if err != nil {
		log.Fatal(err)
	}
	keys, err := client.KeysFor(secret, vault)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.Digits(secret))
	fmt.Println(secret, keys)
	_, err = client.ParseSecret(strings.Replace(card, "sausage", "sausages", 1))
	fmt.Println(err)
	// Output:
	// 16947 39631 33173 27396 01904 90760 13554 06070
	// [redacted] [redacted]
	// word 6 is not in the English list; close to it: sausage
}

// The whole way: a participant adds two parts, lets a researcher open one, and
// takes it back.
func Example() {
	ctx := context.Background()
	vault, reader, done := practice(ctx)
	defer done()

	// On the participant's device: twelve words, and nothing else is kept.
	secret, err := client.NewSecret(rand.Reader)
	check(err)
	vault.Keys, err = client.KeysFor(secret, vault.Vault)
	check(err)
	her, err := client.New(vault)
	check(err)
	check(her.Enrol(ctx, "participant", ""))

	testimony, err := her.Create(ctx, client.Testimony{Title: "شهادتي", Language: "ar", Parts: []client.Content{
		client.Bytes("story.txt", "", []byte("قالت إنها سمعت أخيرًا")),
		client.Bytes("private.txt", "", []byte("for herself alone")),
	}})
	check(err)

	// She shares by number, with a reader whom the stewards vouch for.
	grant, err := her.Grant(ctx, client.Offer{Testimony: testimony, Parts: []int64{1}, To: reader.Account()})
	check(err)
	fmt.Printf("shared with %s, vouched for by %s\n", grant.Reader.Name, strings.Join(grant.Reader.Vouched, " and "))

	// On the reader's device. What came out counts once Open has returned nil.
	var text bytes.Buffer
	sink := client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &text, nil })
	received, err := reader.Open(ctx, grant.ID, 1, sink)
	check(err)
	fmt.Println(received.Terms.Attribution, text.String())

	fetched, err := her.Revoke(ctx, testimony, grant.ID)
	check(err)
	fmt.Printf("revoked; opened before that: %d time(s)\n", len(fetched))
	_, err = reader.Open(ctx, grant.ID, 1, sink)
	fmt.Println(errors.Is(err, client.ErrNotFound))
	// Output:
	// shared with Dr. Leyla, vouched for by Amal
	// listen-only قالت إنها سمعت أخيرًا
	// revoked; opened before that: 1 time(s)
	// true
}

// practice is a vault with one steward and one accredited researcher.
func practice(ctx context.Context) (client.Config, *client.Client, func()) {
	stewardSecret, err := client.NewSecret(rand.Reader)
	check(err)
	stewardKeys, err := client.StewardKeys(stewardSecret)
	check(err)
	amal, err := client.NewSteward("Amal", api.Bytes(stewardKeys.Public().(ed25519.PublicKey)))
	check(err)
	founding, err := roster.Found(rand.Reader, time.Now(), true, client.RosterTerms{Threshold: 1, Stewards: []client.Steward{amal}})
	check(err)
	double, err := clienttest.New(founding, time.Now)
	check(err)
	server := httptest.NewServer(double.Handler())
	cfg := client.Config{Server: server.URL, Vault: double.ID}

	cfg.Keys = stewardKeys
	steward, err := client.New(cfg)
	check(err)
	check(steward.Enrol(ctx, "steward", ""))
	secret, err := client.NewSecret(rand.Reader)
	check(err)
	cfg.Keys, err = client.KeysFor(secret, double.ID)
	check(err)
	reader, err := client.New(cfg)
	check(err)
	check(reader.Enrol(ctx, "researcher", ""))
	check(reader.Apply(ctx, "Dr. Leyla", "Institute for Listening", "to listen"))
	_, err = steward.Accredit(ctx, reader.Account(), 90)
	check(err)
	return cfg, reader, server.Close
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
