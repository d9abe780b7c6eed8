package statement

import (
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// firstGrant is a grant as it was signed before terms named media, place, review of
// quotes and a number of reads, and before there were conditions. Such statements
// stand in chains for as long as their vaults do, and a chain that cannot be read
// would keep her from everything of hers. None is made any more.
type firstGrant struct {
	Testimony       id.ID         `json:"testimony"`
	Parts           []GrantedPart `json:"parts"`
	Grantee         id.Thumbprint `json:"grantee"`
	RecipientSHA256 string        `json:"recipient_sha256"`
	Accreditation   string        `json:"accreditation"`
	Purposes        []Purpose     `json:"purposes"`
	Prohibited      []Prohibited  `json:"prohibited"`
	Attribution     Attribution   `json:"attribution"`
	Access          Access        `json:"access"`
	Onward          bool          `json:"onward"`
	From            int64         `json:"from"`
	Until           int64         `json:"until"`
}

// grant reads what she had not been asked so that it protects her: it may be
// repeated in no medium and with no place, and she sees every quote. The number of
// reads and who has to agree were not hers to bound then: she let it be opened.
func (f firstGrant) grant() *Grant {
	return &Grant{
		Testimony: f.Testimony, Parts: f.Parts, Grantee: f.Grantee, RecipientSHA256: f.RecipientSHA256, Accreditation: f.Accreditation,
		Terms: Terms{
			Purposes: f.Purposes, Prohibited: f.Prohibited, Attribution: f.Attribution, Media: []Medium{}, Place: PlaceNone, QuoteReview: true,
			Access: f.Access, Onward: f.Onward, From: f.From, Until: f.Until,
		},
	}
}

// decodeBody reads a body in its one spelling, or a grant in the one it had first.
// The two share no text: one has members that the other must not have.
func decodeBody(raw []byte, b Body) error {
	err := canonical.Decode(raw, b)
	g, is := b.(*Grant)
	if err == nil || !is {
		return err
	}
	var first firstGrant
	if canonical.Decode(raw, &first) != nil {
		return err
	}
	*g = *first.grant()
	return nil
}
