package envelope

import "errors"

// The reasons why something is refused, for errors.Is. The texts name what was
// wrong, never content.
var (
	// ErrKey reports a file key that is not 16 bytes long.
	ErrKey = errors.New("not a file key of 16 bytes")
	// ErrHeader reports a header that is not one allowed stanza in its one spelling.
	ErrHeader = errors.New("age header refused")
	// ErrRecipient reports text that is not an age recipient that can be wrapped to.
	ErrRecipient = errors.New("recipient refused: expected age1pq1… or age1…, in lower case, as the key was printed")
	// ErrSize reports a length no payload or plaintext can have.
	ErrSize = errors.New("impossible size")
	// ErrChanged reports a plaintext that is not what it was when it was first read.
	ErrChanged = errors.New("the content is no longer what it was")
	// ErrPayload reports a payload that is not the one that was sealed.
	ErrPayload = errors.New("payload is not what was sealed")
	// ErrCommit reports a file key other than the one committed to.
	ErrCommit = errors.New("file key is not the one the owner committed to")
	// ErrContainer reports a plaintext that is not a container as Contain writes it.
	ErrContainer = errors.New("container refused")
	// ErrCard reports a card that is not as SealCard writes it, or does not fit.
	ErrCard = errors.New("card refused")
)
