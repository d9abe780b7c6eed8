package statement

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
)

// Limits of trustees.
const (
	MaxTrustees = 32
	MinWait     = Day        // seconds
	MaxWait     = 3653 * Day // seconds
)

// Share is what one trustee holds. The vault checks the sealed file by its
// digest, a reader the share itself: a trustee who gives a false one is known.
type Share struct {
	Account         id.Thumbprint `json:"account"`
	RecipientSHA256 string        `json:"recipient_sha256"` // of the text of the trustee's recipient
	ShareSHA256     string        `json:"share_sha256"`     // of the share's bytes; they have as much entropy as the secret
	SealedSHA256    string        `json:"sealed_sha256"`    // of the age file that holds it
}

// checkShares wants 2 or more trustees by account, and a threshold they can reach.
func checkShares(threshold int64, list []Share) error {
	if len(list) > MaxTrustees || threshold < 2 || threshold > int64(len(list)) {
		return fmt.Errorf("the threshold is 2 at least, and at most the number of trustees, which is %d at most", MaxTrustees)
	}
	last := id.Thumbprint("")
	for _, s := range list {
		_, err := id.ParseThumbprint(string(s.Account))
		if err = first(err, hashes(s.RecipientSHA256, s.ShareSHA256, s.SealedSHA256)); err != nil {
			return err
		}
		if s.Account <= last {
			return errors.New("trustees must be sorted by account, each named once")
		}
		last = s.Account
	}
	return nil
}

func checkWait(name string, s int64) error {
	if s%Day != 0 || s < MinWait || s > MaxWait {
		return fmt.Errorf("%s is a number of whole days, in seconds, up to ten years", name)
	}
	return nil
}

// Policy says what has to happen before grants that name it let one reader open
// what they name in one testimony: trustees, silence, or trustees after silence.
type Policy struct {
	Testimony       id.ID         `json:"testimony"`
	Grantee         id.Thumbprint `json:"grantee"`
	Threshold       int64         `json:"threshold"` // 0: no trustees
	Trustees        []Share       `json:"trustees"`
	RecipientSHA256 string        `json:"recipient_sha256"` // with trustees: of the recipient whose secret they share, which grants are sealed to
	Silence         int64         `json:"silence"`          // seconds without an act of hers, in whole days; 0: silence plays no part
	Wait            int64         `json:"wait"`             // seconds after that in which she can still say no, in whole days
}

func (Policy) act() Act         { return ActPolicy }
func (p Policy) Subject() id.ID { return p.Testimony }

func (p Policy) check() error {
	_, err := id.ParseThumbprint(string(p.Grantee))
	return first(subject(p.Testimony), err, p.checkTrustees(), p.checkSilence())
}

func (p Policy) checkTrustees() error {
	if p.Threshold != 0 {
		return first(checkShares(p.Threshold, p.Trustees), hashes(p.RecipientSHA256))
	}
	if p.Trustees == nil || len(p.Trustees) != 0 || p.RecipientSHA256 != "" || p.Silence == 0 {
		return errors.New("a policy has trustees, with a threshold, or silence, or both")
	}
	return nil
}

func (p Policy) checkSilence() error {
	if p.Silence == 0 && p.Wait == 0 {
		return nil
	}
	return first(checkWait("silence", p.Silence), checkWait("wait", p.Wait))
}

// The answers of somebody who was named a trustee.
const (
	Agreed   = "agreed"
	Declined = "declined"
)

// Trust is a trustee's answer to being named in a policy or recovery statement.
type Trust struct {
	Of       id.ID  `json:"of"`        // the statement's id
	OfSHA256 string `json:"of_sha256"` // and hash
	Answer   string `json:"answer"`    // agreed or declined
}

func (Trust) act() Act { return ActTrust }

func (t Trust) check() error {
	if t.Answer != Agreed && t.Answer != Declined {
		return errors.New("answer is agreed or declined")
	}
	return first(named("of", t.Of), hashes(t.OfSHA256))
}

// Release is a trustee's vote: her share, sealed anew to the reader of a policy
// or to the claimant of a recovery.
type Release struct {
	Of           id.ID  `json:"of"`            // the policy or claim statement's id
	OfSHA256     string `json:"of_sha256"`     // and hash
	SealedSHA256 string `json:"sealed_sha256"` // of the age file to the reader or claimant
}

func (Release) act() Act { return ActRelease }

func (r Release) check() error { return first(named("of", r.Of), hashes(r.OfSHA256, r.SealedSHA256)) }

// Recovery lets trustees give her secret back to her, or with everything left
// empty ends that.
type Recovery struct {
	Threshold int64   `json:"threshold"` // 0: no recovery
	Trustees  []Share `json:"trustees"`
	Wait      int64   `json:"wait"` // seconds between claim and release, in whole days
}

func (Recovery) act() Act { return ActRecovery }

func (r Recovery) check() error {
	if r.Threshold == 0 {
		if r.Trustees == nil || len(r.Trustees) != 0 || r.Wait != 0 {
			return errors.New("no threshold means no trustees and no wait")
		}
		return nil
	}
	return first(checkShares(r.Threshold, r.Trustees), checkWait("wait", r.Wait))
}

// Claim says, by a key that is new here, that the signer is the person of an
// account who has lost her words. Her trustees decide whether she is.
type Claim struct {
	Account id.Thumbprint `json:"account"`
}

func (Claim) act() Act { return ActClaim }

func (c Claim) check() error {
	_, err := id.ParseThumbprint(string(c.Account))
	return err
}

// Rekey hands the chain over to another key: the old key signs the statement, the
// new one its Proof. Every statement after it is signed by the new key.
type Rekey struct {
	Key       string `json:"key"`       // the new Ed25519 public key, 32 bytes
	Recipient string `json:"recipient"` // the new age recipient
	Proof     string `json:"proof"`     // see RekeyText
}

func (Rekey) act() Act { return ActRekey }

func (r Rekey) check() error {
	sig, err := unb64(r.Proof)
	if err == nil && len(sig) != ed25519.SignatureSize {
		err = errors.New("proof is not a signature")
	}
	if len(r.Recipient) == 0 || len(r.Recipient) > MaxRecipient {
		return errors.New("recipient is empty or too long")
	}
	return first(hashes(r.Key), err)
}

// RekeyText is what the new key signs: which chain it takes over, in which vault,
// behind which statement, and what it brings. A signature over it is good for
// nothing else, since no JWS begins like this.
func RekeyText(vault string, account id.Thumbprint, prev []byte, key, recipient string) []byte {
	return []byte("testimony-vault/v1/rekey\n" + vault + "\n" + string(account) + "\n" + b64(prev) + "\n" + key + "\n" + recipient + "\n")
}

// Proven says whether the new key signed for taking over account's chain behind
// the statement whose hash is prev.
func (r Rekey) Proven(vault string, account id.Thumbprint, prev []byte) bool {
	key, err := Hash32(r.Key)
	sig, errS := unb64(r.Proof)
	return err == nil && errS == nil && ed25519.Verify(key[:], RekeyText(vault, account, prev, r.Key, r.Recipient), sig)
}

// Rewrap gives one testimony's card and parts the headers for her new key. It
// follows a rekey statement, in the same request.
type Rewrap struct {
	Testimony  id.ID          `json:"testimony"`
	CardSHA256 string         `json:"card_sha256"`
	Parts      []RewrapedPart `json:"parts"` // all there are, by n
}

// RewrapedPart is one part's new header, her own.
type RewrapedPart struct {
	N            int64  `json:"n"`
	HeaderSHA256 string `json:"header_sha256"`
}

func (Rewrap) act() Act         { return ActRewrap }
func (r Rewrap) Subject() id.ID { return r.Testimony }

func (r Rewrap) check() error {
	if r.Parts == nil {
		return errors.New("parts must be a list, if an empty one")
	}
	last := int64(0)
	for _, p := range r.Parts {
		if p.N <= last {
			return errors.New("parts must be sorted by n, each named once")
		}
		if err := first(partNumber(p.N), hashes(p.HeaderSHA256)); err != nil {
			return err
		}
		last = p.N
	}
	return first(subject(r.Testimony), hashes(r.CardSHA256))
}
