package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxLine bounds what somebody types, in bytes.
const maxLine = 4 << 10

// input is where answers come from. It reads byte by byte, because what follows
// an answer may be a secret that is asked for without echo.
type input struct {
	r        io.Reader
	terminal *os.File // nil when it is none
}

func newInput(r io.Reader) *input {
	in := &input{r: r}
	if f, ok := r.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		in.terminal = f
	}
	return in
}

var errNoAnswer = errors.New("there was no answer")

// line reads one line, without its end.
func (in *input) line(ctx context.Context) (string, error) {
	return within(ctx, func() {}, func() (string, error) { return readLine(in.r) })
}

func readLine(r io.Reader) (string, error) {
	var b []byte
	one := make([]byte, 1)
	for len(b) < maxLine {
		n, err := r.Read(one)
		switch {
		case n > 0 && one[0] == '\n':
			return strings.TrimSuffix(string(b), "\r"), nil
		case n > 0:
			b = append(b, one[0])
		case err == io.EOF && len(b) > 0:
			return string(b), nil
		case err == io.EOF:
			return "", errNoAnswer
		case err != nil:
			return "", err
		}
	}
	return "", errors.New("the answer is too long")
}

// hidden reads one line from the terminal without showing it.
func (in *input) hidden(ctx context.Context) (string, error) {
	fd := int(in.terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	// Whoever stops the program while it asks gets a terminal back that echoes.
	restore := func() { _ = term.Restore(fd, before) }
	return within(ctx, restore, func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	})
}

// within gives up waiting for somebody to type when ctx ends. The read itself
// cannot be stopped; the program ends soon after.
func within(ctx context.Context, restore func(), read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		text, err := read()
		typed <- answer{text, err}
	}()
	select {
	case a := <-typed:
		return a.text, a.err
	case <-ctx.Done():
		restore()
		return "", context.Cause(ctx)
	}
}
