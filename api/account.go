package api

// PauseByCode is POST /v1/pause: a code that somebody gave to a person she trusts,
// in any numerals, with or without spaces. It needs no account.
type PauseByCode struct {
	Code string `json:"code"`
}

// Heard answers POST /v1/pause, for every code: if it is good, everything of whoever
// gave it is paused within a second, and nobody but her learns whether it was.
type Heard struct {
	Heard bool `json:"heard"` // always true
}

// Standing answers GET /v1/account: what holds for the caller's account as a whole,
// and what she has to be told about it. Members that only some accounts have are
// left out where there is nothing to say.
type Standing struct {
	Pauses    []Pause  `json:"pauses"`     // what is paused, everything first
	PauseCode bool     `json:"pause_code"` // whether a code is good
	Notices   []Notice `json:"notices"`    // the newest day first

	// Silences are what her silence leads to, by policy: show them at every sign-in.
	Silences []SilenceNotice `json:"silences,omitempty"`
}

// Pause is one pause. Without a testimony it is of everything.
type Pause struct {
	Testimony ID   `json:"testimony,omitempty"`
	ByCode    bool `json:"by_code"` // whether somebody with her code did it
}

// NoticeKind says what happened to an account as a whole.
type NoticeKind string

// The kinds of notices.
const (
	NoticePaused       NoticeKind = "paused"         // everything, by her words
	NoticePausedByCode NoticeKind = "paused-by-code" // everything, by somebody who has her code
	NoticeClaimed      NoticeKind = "claimed"        // somebody says that the account is theirs and the words are lost
	NoticeRecovered    NoticeKind = "recovered"      // a claimant got the shares that make the words
	NoticeLifted       NoticeKind = "lifted"         // the pause of everything, by her words
	NoticeClosing      NoticeKind = "closing"        // the stewards said when the vault ends; the roster proves it
	NoticeMoving       NoticeKind = "moving"         // the stewards said where the vault goes; the roster proves it
)

// Notice is something that concerns everything of hers, one a day and kind.
type Notice struct {
	Day   int64      `json:"day"`
	Kind  NoticeKind `json:"kind"`
	Times int64      `json:"times"` // how often that day
}
