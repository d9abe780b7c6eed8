package bundle

import "strings"

// ReadmeFile stands at the top of the bag.
const ReadmeFile = "README.txt"

// Readme says to people what this is and how it is checked with programs of others.
func (b *Bundle) Readme() []byte {
	out := b.intro() + `
What somebody told here is their word; that it is unchanged can be checked, that it is
true cannot.

To check it, in this folder:

  sha512sum -c tagmanifest-sha512.txt && sha512sum -c manifest-sha512.txt
  bagit.py --validate .

Who made it: signatures/tagmanifest-sha512.jws is a JSON Web Signature by the key
data/keys/signer.pem; it names the digests of both tag manifests. A program that
knows such signatures checks it, or testimony export check, or:

  cut -d. -f1,2 signatures/tagmanifest-sha512.jws | tr -d '\n' > ../signed
  (cut -d. -f3 signatures/tagmanifest-sha512.jws | tr -d '\n'; echo ==) | tr '_-' '/+' | base64 -d > ../sig
  openssl pkeyutl -verify -pubin -inkey data/keys/signer.pem -rawin -in ../signed -sigfile ../sig
  cut -d. -f2 signatures/tagmanifest-sha512.jws | tr '_-' '/+' | base64 -d 2>/dev/null
  sha512sum tagmanifest-sha512.txt

Write nothing into the folder itself: a file more, and it is not the same bag.
` + b.whose() + `
When it was there: where signatures/tagmanifest-sha512.tsr is, an authority stamped
the tag manifest (RFC 3161):

  openssl ts -verify -data tagmanifest-sha512.txt -in signatures/tagmanifest-sha512.tsr -CAfile authority.pem
`
	if b.Sealed {
		out += `
The content is sealed, as it is in the vault. It opens with the signer's key, which is
not here:

  age -d -i key.txt -o part.tar data/original/item-1/part.age
  tar -xf part.tar && sha256sum -c SHA256SUMS
`
	}
	return []byte(out)
}

// Proofs says what is among the proofs, and what is not.
func (b *Bundle) Proofs() []byte {
	out := []string{
		"roster.json   the lists of the vault's stewards, from the founding one on, with",
		"              the statements that approved them. The SHA-256 of the first is the",
		"              vault's id:",
		"              " + b.Vault,
	}
	receipts := []string{
		"signer.json   the signer's key and application, and the stewards' signed word",
		"",
		"What is not here:",
		"",
		"Receipts of the vault for what was granted, and for what was taken back. They are",
		"with whoever granted it, who can show them.",
	}
	if b.Own {
		receipts = []string{
			"signer.json   the statement that opened the account, and those that changed its key",
			"revocations.jws   the vault's signed words for what was taken back, a line each;",
			"              none where nothing was",
			"",
			"What is not here:",
			"",
			"The vault's receipts for the statements in data/consent: the program gets one with",
			"each, and the vault does not give them out again.",
		}
	}
	out = append(append(out, receipts...),
		"",
		"A proof of inclusion in a transparency log, and a checkpoint of one. This vault",
		"keeps no such log yet, so no document here can show that nobody was told otherwise.",
		"")
	return []byte(strings.Join(out, "\n"))
}

func (b *Bundle) intro() string {
	if b.Own {
		return `This is a testimony, made into a bundle by whoever gave it to the vault.

What you may do with it is between you and whoever gave it to you. data/consent holds
what was signed when it was stored.
`
	}
	return `This is testimony, with the consent under which it was given.

Nothing may be done with it but what data/consent says, in words and as it was
signed. Consent ends: what was allowed on the day of this bundle may have been taken
back since. Ask the signer, who is told, or the vault.
`
}

func (b *Bundle) whose() string {
	if b.Own {
		return `Whose account it is, nobody vouches for: data/proofs/signer.json shows that the key is
that of the account which signed what is in data/consent, and no more.
`
	}
	return `That the key is the signer's, data/proofs/signer.json shows by the vault's stewards,
and data/proofs/roster.json who they are: their first list has the digest that is the
vault's id.
`
}
