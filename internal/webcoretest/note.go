package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"

	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// note signs a delivery note with a fresh key of the algorithm that is named, and gives
// the public key's members beside it.
func note(q question) (a answer, err error) {
	var signer crypto.Signer
	if q.Text == clientkey.ES256 {
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return a, err
	}
	key, err := clientkey.Of(signer.Public())
	if err != nil {
		return a, err
	}
	var names [3]id.ID
	for i := range names {
		if names[i], err = id.New(rand.Reader); err != nil {
			return a, err
		}
	}
	some := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	a.Text, err = delivery.Sign(delivery.Note{Issuer: string(names[1]), Vault: some, Partner: names[0], Client: names[1], Item: names[2], RecipientSHA256: some, Length: 1000,
		PayloadSHA256: some, Commit: some, HeaderSHA256: some, Assurance: delivery.Gateway, Day: 20000 * statement.Day}, signer)
	jwk := key.JWK()
	a.Words = map[string]string{"crv": jwk.Crv, "kty": jwk.Kty, "x": jwk.X, "y": jwk.Y}
	return a, err
}
