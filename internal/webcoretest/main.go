// Command webcoretest answers questions of the web app's tests with the product:
// one JSON object a line comes in, one goes out. What TypeScript seals is opened by
// Go here, and the other way round, so neither side is held against itself.
//
//	go run ./internal/webcoretest
//
//	go run ./internal/webcoretest vault --set data_dir=DIR
//
// serves a practice vault whose clock goes forward when it is told to.
//
// Bytes are base64url without padding, as on the wire. It keeps nothing and is no
// part of any program that is shipped.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
)

// question is what a test asks; each op uses some of the members.
type question struct {
	Op        string             `json:"op"`
	Text      string             `json:"text"`
	Secret    api.Bytes          `json:"secret"`
	Vault     api.Bytes          `json:"vault"`
	Recipient string             `json:"recipient"`
	Key       api.Bytes          `json:"key"`
	Other     api.Bytes          `json:"other"`
	Nonce     api.Bytes          `json:"nonce"`
	Info      *envelope.PartInfo `json:"info"`
	Card      *envelope.Card     `json:"card"`
	Header    api.Bytes          `json:"header"`
	Bytes     api.Bytes          `json:"bytes"`
	SHA256    api.Bytes          `json:"sha256"`
	Commit    api.Bytes          `json:"commit"`
}

// answer has what came of it, or why nothing did.
type answer struct {
	Error  string              `json:"error,omitempty"`
	Text   string              `json:"text,omitempty"`
	Lists  map[string][]string `json:"lists,omitempty"`
	Info   *envelope.PartInfo  `json:"info,omitempty"`
	Card   *envelope.Card      `json:"card,omitempty"`
	Header api.Bytes           `json:"header,omitempty"`
	Bytes  api.Bytes           `json:"bytes,omitempty"`
	SHA256 api.Bytes           `json:"sha256,omitempty"`
	Commit api.Bytes           `json:"commit,omitempty"`
	Nonce  api.Bytes           `json:"nonce,omitempty"`
	Key    api.Bytes           `json:"key,omitempty"`
	Digits string              `json:"digits,omitempty"`
	Words  map[string]string   `json:"words,omitempty"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 && args[0] == "vault" {
		return serveMoved(args[1:], os.Stdin, os.Stdout)
	}
	return serve(os.Stdin, os.Stdout)
}

func serve(r io.Reader, w io.Writer) error {
	in, out := json.NewDecoder(bufio.NewReaderSize(r, 1<<20)), json.NewEncoder(w)
	in.DisallowUnknownFields()
	for {
		var q question
		if err := in.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read a question: %w", err)
		}
		a, err := reply(q)
		if err != nil {
			a = answer{Error: err.Error()}
		}
		if err := out.Encode(a); err != nil {
			return fmt.Errorf("write an answer: %w", err)
		}
	}
}

func reply(q question) (answer, error) {
	ops := map[string]func(question) (answer, error){
		"lists": lists, "parse": parse, "spell": spell, "compose": compose, "contain": contain, "seal": seal, "open": open,
		"sealpart": sealPart, "openpart": openPart, "sealcard": sealCard, "opencard": openCard, "salamander": salamander, "age": stockAge, "note": note,
	}
	op, ok := ops[q.Op]
	if !ok {
		return answer{}, fmt.Errorf("no such question: %s", q.Op)
	}
	return op(q)
}
