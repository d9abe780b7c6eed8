package release

// Consent is what a consent record says of a grant (docs/consent.md, ISO/IEC TS
// 27560): how the newest question or answer about it stands. Whether the reader
// may open it is State's to say and nobody else's.
type Consent string

// The consents, in the order in which ConsentOf looks: the first that applies.
const (
	ConsentWithdrawn Consent = "ConsentWithdrawn"       // by her
	ConsentRefused   Consent = "ConsentRefused"         // no, until she renews it of her own accord
	ConsentDeferred  Consent = "ConsentRequestDeferred" // not now
	ConsentRequested Consent = "ConsentRequested"       // the reader asks to renew it
	ConsentExpired   Consent = "ConsentExpired"
	ConsentRevoked   Consent = "ConsentRevoked" // by those who vouch for the reader: not her act
	ConsentRenewed   Consent = "RenewedConsentGiven"
	ConsentGiven     Consent = "ConsentGiven"
)

// Consents lists them in order.
func Consents() []Consent {
	return []Consent{ConsentWithdrawn, ConsentRefused, ConsentDeferred, ConsentRequested, ConsentExpired, ConsentRevoked, ConsentRenewed, ConsentGiven}
}

// Talk is what reader and giver said about a grant since it was given or last
// renewed.
type Talk struct {
	Renewed  bool  // she has renewed it before
	Asked    bool  // a question of the reader's is before her
	Refused  bool  // her newest answer is no
	Deferred int64 // her newest answer is not before this second; 0: it is not that
}

// ConsentOf says which consent a record of the grant holds at now.
func ConsentOf(f Facts, t Talk, now int64) Consent {
	switch {
	case f.Revoked:
		return ConsentWithdrawn
	case t.Refused:
		return ConsentRefused
	case now < t.Deferred:
		return ConsentDeferred
	case t.Asked:
		return ConsentRequested
	case now >= f.Until:
		return ConsentExpired
	case !f.Accredited:
		return ConsentRevoked
	case t.Renewed:
		return ConsentRenewed
	}
	return ConsentGiven
}
