package client

import (
	"errors"
	"strings"
)

// ErrUntrusted is what every error below wraps that means: the vault, or what it
// sent, is not what signatures say it should be. Nothing was shared or changed
// on the strength of it. Show the message, and keep the answer as evidence.
var ErrUntrusted = errors.New("the vault's answer cannot be trusted")

// distrust is an error that Is ErrUntrusted.
type distrust string

func (d distrust) Error() string        { return string(d) }
func (d distrust) Is(target error) bool { return target == ErrUntrusted }

// What a client refuses to believe. Each says what is safe and what to do.
const (
	// ErrWrongVault: the server speaks for another vault than the card.
	ErrWrongVault = distrust("this server is not the vault that your card names: nothing was sent to it; check the address")
	// ErrRosterBroken: the stewards of today do not follow from those of the founding.
	ErrRosterBroken = distrust("the vault's stewards do not follow from its founding: do not share anything until another way confirms who they are")
	// ErrRecipientSwapped: a key was answered that is not the one asked for or vetted.
	ErrRecipientSwapped = distrust("the vault answered with another key than the reader's: nothing was shared; ask the reader to read out their account")
	// ErrPlanted: something in the list that she never signed.
	ErrPlanted = distrust("this is not yours: your own statements do not contain it; do not open or share it, what you added yourself is safe")
	// ErrCardSwapped: a card that is not the last one she signed.
	ErrCardSwapped = distrust("the title and labels shown are not the last ones you signed: the parts are safe, set the card again")
	// ErrPartSwapped: another header or digest than she signed for this part.
	ErrPartSwapped = distrust("the vault answered with another part than the one asked for: nothing was shared, your part's key is safe")
	// ErrPayloadSwapped: the bytes are not those that were signed for.
	ErrPayloadSwapped = distrust("the content is not what was signed for: nothing was kept of it; what was stored earlier may be lost, ask the people who run the vault")
	// ErrCommitment: the key opens the content, but is not the one committed to.
	ErrCommitment = distrust("the key is not the one that was committed to, so the text it shows may be a forgery: nothing was kept of it")
	// ErrStored: the vault confirms other bytes than were sent to it.
	ErrStored = distrust("the vault confirms other content than was sent: keep your original and add it again")
	// ErrUpload: what the vault says of an upload contradicts what it said before.
	ErrUpload = distrust("the vault contradicts itself about how much of this has arrived: keep your file, and add it once more, if need be over another line")
	// ErrUploadSwapped: an upload that is not as she began it.
	ErrUploadSwapped = distrust("the vault shows another unfinished upload than the one you began: nothing is sent into it; your file is sent anew, under a new key")
	// ErrChain: her chain of statements is not whole.
	ErrChain = distrust("your chain of statements is not whole: do not act until another device or a noted head shows the same")
	// ErrOtherWords: the chain is not in the hands of these keys. Comes with ErrChain.
	ErrOtherWords = distrust("it does not go on with your words; if you changed them, the vault hides that or was restored from an older copy: change them once more, from the old ones to these")
	// ErrGivenUp: the chain has gone on with other keys than these. Comes with ErrChain.
	ErrGivenUp = distrust("it goes on with other words than these: use the new ones")
	// ErrTailCut: the newest statements are missing.
	ErrTailCut = distrust("the vault withholds your newest statements, perhaps a withdrawal: compare with the head you noted, and ask from another place")
	// ErrForked: the chain is another one than was kept.
	ErrForked = distrust("the vault shows another history than the one you kept: keep your note as evidence, do not act")
	// ErrReceipt: no valid receipt for what was just signed.
	ErrReceipt = distrust("the vault did not prove that it accepted your statement: look at your list before you repeat it")
	// ErrClock: the vault's clock stands before what was signed already.
	ErrClock = distrust("the vault's clock runs behind what you signed earlier: nothing was signed; try again later, and from another place")
	// ErrGrantForged: a grant in the inbox that its giver did not make for this reader.
	ErrGrantForged = distrust("this grant was not made for you by the person it names: nothing was opened")
	// ErrTermsOld: terms that were in force before, shown as if they still were.
	ErrTermsOld = distrust("the vault shows terms that have been changed since: what was signed last counts; ask again, and tell the people who run the vault")
	// ErrRequestForged: a request that the reader of the grant did not sign.
	ErrRequestForged = distrust("this request was not made by the reader of the grant: do not answer it")
	// ErrWithheld: something that she signed for is not in the vault's list.
	ErrWithheld = distrust("the vault withholds something that you signed for: keep your original, and ask the people who run the vault")
	// ErrRevoked: the vault still calls a grant live that she revoked.
	ErrRevoked = distrust("the vault does not act on your revocation: it is signed and stands; tell the reader and the people who run the vault")
	// ErrRevocation: no valid word of the vault's that a grant has ended.
	ErrRevocation = distrust("the vault did not prove that this has ended: your statement is signed and stands; ask again, and tell the reader yourself")
	// ErrReplyForged: an answer that the reader did not sign.
	ErrReplyForged = distrust("the vault shows an answer that the reader did not give: do not rely on it; ask the reader in another way")
	// ErrNonsense: an answer that contradicts itself or the protocol.
	ErrNonsense = distrust("the vault contradicts itself: nothing was changed")
)

// Why a reader does not count as accredited. All wrap ErrNotAccredited; none is
// the vault's fault by itself.
var (
	ErrNotAccredited        = errors.New("this reader is not accredited: nothing was shared")
	ErrTooFewStewards       = unaccredited("too few of the vault's stewards have vouched for this reader: nothing was shared; wait until they have")
	ErrAccreditationOver    = unaccredited("the stewards' word for this reader has ended or not begun: nothing was shared; ask the reader to have it renewed")
	ErrAccreditationStopped = unaccredited("a steward has suspended this reader: nothing was shared, and nothing should be")
)

type unaccredited string

func (u unaccredited) Error() string        { return string(u) }
func (u unaccredited) Is(target error) bool { return target == ErrNotAccredited }

// Errors that say nothing bad about the vault.
var (
	// ErrUnavailable: no answer, or an answer that asks to come back later.
	ErrUnavailable = errors.New("the vault cannot be reached now: nothing is lost, try again")
	// ErrNotFound: not there, not hers, not granted or no longer granted. The vault
	// does not say which.
	ErrNotFound = errors.New("there is no such thing here for these words")
	// ErrTakenBack: it could be opened when the download began and cannot any more.
	// It wraps ErrNotFound.
	ErrTakenBack = takenBack("it is not open to you any more: it was taken back, or its time has ended, while it was being fetched; nothing of it was kept")
	// ErrChanged: the part was locked anew while it was read, or stands otherwise than
	// it was listed.
	ErrChanged = errors.New("the part was locked anew while it was being fetched: nothing of it was kept; begin again")
	// ErrDamaged: the vault says that it no longer has the part as it was stored.
	ErrDamaged = errors.New("the vault says that this part is damaged where it is stored, and that it has no good copy: nothing of it was kept; whoever has the original can add it again")
	// ErrNotEnrolled: the keys have no account here; perhaps a word is wrong.
	ErrNotEnrolled = errors.New("no account here has these words: check your words, or enrol first")
	// ErrNoKeys: the call needs an account's keys.
	ErrNoKeys = errors.New("this needs the keys of an account")
	// ErrProgram: nobody vouches for the program's key, or not any more.
	ErrProgram = errors.New("the vault does not know this program's key, or not any more: nothing was changed; ask an officer of the partner how its agreement and keys stand")
	// ErrOwnKeys: a header that these keys do not open.
	ErrOwnKeys = errors.New("these keys do not open it: check your words")
	// ErrClassic: a reader with a classic key cannot be joined to a post-quantum part.
	ErrClassic = errors.New("the key is not post-quantum and would weaken every copy of the part: nothing was shared; the reader needs a new key")
	// ErrReaderSilent: the reader owes somebody an answer to the end of a grant.
	ErrReaderSilent = errors.New("this reader has not said in time what became of something that was taken back: nothing was shared; choose another, or wait until they have answered")
	// ErrFileChanged: a file that is not what it was when it was first read.
	ErrFileChanged = refused("the file was changed while it was being stored: nothing of the change was sent, and it is not stored as a part; leave the file as it is and add it again")
	// ErrViewOnly: her terms do not allow keeping a copy.
	ErrViewOnly = errors.New("you may look at this part, not keep a copy: it was not opened")
	// ErrNoExport: her terms keep the part with its reader.
	ErrNoExport = errors.New("her terms keep this part within the vault: you may open it here, not take it elsewhere; it was not opened")
	// ErrNamesLeft: the content of an export names somebody whom the terms leave out.
	ErrNamesLeft = errors.New("the text names somebody whom her terms leave out: nothing was kept; ask her for a redacted copy of the part")
	// ErrListening: what a device knew of a part is stored in evidence mode only.
	ErrListening = errors.New("when, where and with what a part was made is stored only after you chose to keep the testimony as evidence, and only sealed on this device: nothing was stored")
	// ErrNotAdopted: a part sealed on arrival cannot be shared before she adopts it.
	ErrNotAdopted = errors.New("this part was sealed by the vault and is not yet yours: open it, and adopt it if it is what you sent")
)

type takenBack string

func (t takenBack) Error() string        { return string(t) }
func (t takenBack) Is(target error) bool { return target == ErrNotFound }

// ErrRefused is what the client's own refusals are that no other error here
// names: what was asked for does not fit what is there. Nothing was sent.
var ErrRefused = errors.New("the client refused")

// refused is an error that Is ErrRefused.
type refused string

func (r refused) Error() string        { return string(r) }
func (r refused) Is(target error) bool { return target == ErrRefused }

// printable keeps a vault's words from steering the terminal they are shown on.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return ' '
		}
		return r
	}, s)
}
