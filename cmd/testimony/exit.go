package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// The exit codes. Programs rely on them: none is ever given another meaning.
const (
	exitOK          = 0
	exitInternal    = 1
	exitUsage       = 2
	exitRefused     = 3
	exitUntrusted   = 4
	exitNotFound    = 5
	exitUnavailable = 6
	exitWords       = 7
	exitDeclined    = 8
)

const codes = `testimony ends with one of these codes:

  0  done
  1  something failed on this machine; the message says what
  2  the command was not understood, or a file it names cannot be used
  3  refused: by the vault, or by this program to protect you
  4  verification failed: the server, or what it sent, is not to be trusted
  5  there is no such thing for these words; not granted, or no longer
  6  the vault cannot be reached or has no room: nothing is lost, try again
  7  these words are not the right ones
  8  you said no, so nothing was done

With --json a failure is also an answer: {"error":{"exit":5,"message":"…"}}.
`

// mistake is an error with an exit code of its own.
type mistake struct {
	code int
	text string
}

func (m mistake) Error() string { return m.text }

func usage(format string, args ...any) error {
	return mistake{exitUsage, fmt.Sprintf(format, args...)}
}

var (
	errDeclined   = mistake{exitDeclined, "you said no: nothing was done"}
	errWordsTyped = mistake{exitUsage, "these look like the words of an account. On the command line other programs can read them, and they are now in " +
		"the history of your shell: use a file (TESTIMONY_WORDS_FILE) or wait to be asked. " +
		"If they are real, they are not safe any more: move to a new account"}
)

// exitOf gives an error its code. What cannot be trusted comes first: it may
// also look like something harmless.
func exitOf(err error) int {
	var m mistake
	var problem *api.Problem
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, client.ErrUntrusted), errors.Is(err, client.ErrOwnKeys):
		return exitUntrusted
	case errors.As(err, &m):
		return m.code
	case errors.Is(err, client.ErrNotEnrolled):
		return exitWords
	case errors.Is(err, client.ErrNotFound):
		return exitNotFound
	case errors.Is(err, client.ErrUnavailable), errors.Is(err, client.ErrChanged), errors.Is(err, context.DeadlineExceeded):
		return exitUnavailable
	case errors.As(err, &problem) && problem.Status >= http.StatusInternalServerError:
		return exitUnavailable
	case errors.As(err, &problem), refusedHere(err):
		return exitRefused
	}
	return exitInternal
}

// refusedHere are the refusals of the client itself.
func refusedHere(err error) bool {
	for _, e := range []error{client.ErrNotAccredited, client.ErrReaderSilent, client.ErrClassic, client.ErrViewOnly, client.ErrNotAdopted, client.ErrRefused,
		client.ErrNoExport, client.ErrNamesLeft, client.ErrTermsChanged, client.ErrListening, client.ErrProgram, client.ErrNoPartner} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// meaning says what an error means. What the vault itself says of a refusal is
// written for people, with what is safe and what to do next; the path by which it
// came here is not.
func meaning(err error) string {
	var problem *api.Problem
	if errors.As(err, &problem) && problem.Detail != "" && !errors.Is(err, client.ErrUntrusted) {
		return fmt.Sprintf("%s: %s", problem.Title, problem.Detail)
	}
	if errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, client.ErrUnavailable) {
		return "there was no answer in the time you gave: nothing is lost; look at what is there, and try again"
	}
	return err.Error()
}

// failure is what --json answers when something failed.
type failure struct {
	Error struct {
		Exit    int    `json:"exit"`
		Message string `json:"message"`
	} `json:"error"`
}

// end says what went wrong and gives the exit code.
func (p *program) end(ctx context.Context, err error) int {
	if err == nil {
		err = p.out.failed
	}
	code := exitOf(err)
	if code == exitOK {
		return code
	}
	if ctx.Err() != nil {
		err = errors.New("stopped: look at what is there before you repeat it")
	}
	p.err.sayf("testimony: %s\n", meaning(err))
	if p.json && !p.told {
		var f failure
		f.Error.Exit, f.Error.Message = code, meaning(err)
		_ = p.tell(f, nil) // the code says it too
	}
	return code
}
