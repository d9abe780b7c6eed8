package client_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// She tells: on her own device, with nothing to keep but her words.
func Example_tell() {
	ctx := context.Background()
	server, vault, dir, _, end := live()
	defer end()

	secret, err := client.NewSecret(rand.Reader)
	check(err)
	keys, err := client.KeysFor(secret, vault)
	check(err)
	her, err := client.New(client.Config{Server: server, Vault: vault, Keys: keys})
	check(err)
	check(her.Enrol(ctx, "participant", ""))

	// A file is sealed while it is sent. What is large goes up in pieces, and goes on where a line broke.
	recording, err := client.File(film(dir))
	check(err)
	testimony, err := her.Create(ctx, client.Testimony{Title: "شهادتي", Language: "ar", Parts: []client.Content{
		client.Bytes("winter.txt", "", []byte("They took the men at the bridge.")),
		recording,
	}})
	check(err)

	shown, err := her.Show(ctx, testimony)
	check(err)
	say("%d parts, and only her words open them", len(shown.Details))
	// Output:
	// 2 parts, and only her words open them
}

// A phone dies while it sends. Another machine goes on, with her words and the same file.
func Example_goOn() {
	server, vault, dir, _, end := live()
	defer end()
	her, testimony := somebody(server, vault)
	path := film(dir)

	ctx, dies := context.WithCancel(context.Background())
	recording, err := client.File(path)
	check(err)
	recording.Watch = func(done, total int64) {
		if done > total/2 {
			dies()
		}
	}
	_, err = her.AddPart(ctx, testimony, recording)
	say("cut off: %v", err != nil)

	ctx = context.Background()
	again, err := client.File(path)
	check(err)
	found, err := her.FindUnfinished(ctx, "", again)
	check(err)
	say("it can go on: %v", found.Received < found.Length)
	part, err := her.Resume(ctx, found)
	check(err)
	say("it is part %d", part)
	// Output:
	// cut off: true
	// it can go on: true
	// it is part 2
}

// She lets a reader in, sees what was opened, and takes it back.
func Example_letIn() {
	ctx := context.Background()
	server, vault, _, reader, end := live()
	defer end()
	her, testimony := somebody(server, vault)

	// Whom the stewards vouch for is verified here, by their signatures.
	known, err := her.Researcher(ctx, reader.Account())
	check(err)
	grant, err := her.Grant(ctx, client.Offer{Testimony: testimony, Parts: []int64{1}, To: known.Account})
	check(err)

	var text bytes.Buffer
	_, err = reader.Open(ctx, grant.ID, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &text, nil }))
	check(err)
	say("%s reads: %s", known.Name, text.String())

	fetched, err := her.Revoke(ctx, testimony, grant.ID)
	check(err)
	say("opened %d time before it was taken back", len(fetched))
	_, err = reader.Open(ctx, grant.ID, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &text, nil }))
	say("afterwards it is not there: %v", errors.Is(err, client.ErrNotFound))
	// Output:
	// Dr. Leyla reads: They took the men at the bridge.
	// opened 1 time before it was taken back
	// afterwards it is not there: true
}

// A reader keeps a copy, where the terms allow it, with the promises beside it.
func Example_keep() {
	ctx := context.Background()
	server, vault, dir, reader, end := live()
	defer end()
	her, testimony := somebody(server, vault)
	grant, err := her.Grant(ctx, client.Offer{Testimony: testimony, Parts: []int64{1}, To: reader.Account(), Terms: api.Terms{Access: "download"}})
	check(err)

	// It goes on where it broke off, also after the program was killed; the folder is there once all of it was found right.
	_, err = reader.SaveGranted(ctx, grant.ID, 1, filepath.Join(dir, "copy"), nil)
	check(err)
	files, err := os.ReadDir(filepath.Join(dir, "copy"))
	check(err)
	for _, f := range files {
		say("%s", f.Name())
	}
	// Output:
	// TERMS.json
	// content
	// part.json
}

// She takes everything back; each reader owes an answer, and the vault's word for what ended can be checked without it.
func Example_withdraw() {
	ctx := context.Background()
	server, vault, _, reader, end := live()
	defer end()
	her, testimony := somebody(server, vault)
	grant, err := her.Grant(ctx, client.Offer{Testimony: testimony, Parts: []int64{1}, To: reader.Account()})
	check(err)

	ended, err := her.Withdraw(ctx, client.Scope{})
	check(err)
	say("%d grant ended", len(ended))

	owed, err := reader.Endings(ctx)
	check(err)
	check(reader.Reply(ctx, client.Answer{Grant: owed[0].Grant, Say: "acknowledged"}))

	told, err := her.Withdrawn(ctx, grant.ID)
	check(err)
	say("the reader says: %s", told[0].State)
	about, err := her.Vault(ctx)
	check(err)
	receipt, err := client.VerifyRevocation(told[0].Receipt, about.ReceiptKeys[0])
	check(err)
	say("the vault signed that %d part ended", len(receipt.Parts))
	// Output:
	// 1 grant ended
	// the reader says: acknowledged
	// the vault signed that 1 part ended
}

// A partner's program signs in with a key that two officers have registered, and invites a participant who is present.
func Example_partner() {
	ctx := context.Background()
	server, vault, program, key, end := partnership()
	defer end()

	as, err := client.NewProgram(program, key, "register")
	check(err)
	caseworker, err := client.New(client.Config{Server: server, Vault: vault, Program: as})
	check(err)
	invitation, err := caseworker.InvitePresent(ctx)
	check(err)

	// On her own device: the invitation opens an account, and the partner never sees her words.
	secret, err := client.NewSecret(rand.Reader)
	check(err)
	keys, err := client.KeysFor(secret, vault)
	check(err)
	her, err := client.New(client.Config{Server: server, Vault: vault, Keys: keys})
	check(err)
	check(her.Enrol(ctx, "participant", invitation.Invitation))
	head, err := her.Head(ctx)
	check(err)
	say("her account is open, with %d statement", head.Seq)
	// Output:
	// her account is open, with 1 statement
}
