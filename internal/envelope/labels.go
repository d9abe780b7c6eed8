package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
)

// LabelsSize is the plaintext of all content labels in bytes: the words, spaces
// between and behind them, a newline. None and all of them are alike from outside.
const LabelsSize = 256

// LabelsFileSize is the length of every sealed file of labels in bytes. Labels are
// sealed to post-quantum recipients alone, whose headers have one length.
const LabelsFileSize = 1915

// ErrLabels: they are no content labels, or not written in the one way there is.
var ErrLabels = errors.New("not content labels")

// Labels are the words by which a reader is told, before opening, what something
// holds. They are few, so that nobody has to be described by them, and fixed, so that
// no text of anybody's reaches a reader this way.
func Labels() []string {
	return []string{"children-harmed", "death", "self-harm", "sexual-violence", "torture", "violence"}
}

// checkLabels wants each label once, in the order of Labels.
func checkLabels(labels []string) error {
	for i, l := range labels {
		if !slices.Contains(Labels(), l) || i > 0 && labels[i-1] >= l {
			return fmt.Errorf("%w: each of %s, once, in this order", ErrLabels, strings.Join(Labels(), ", "))
		}
	}
	return nil
}

// SealLabels seals content labels to one reader as a small age file. No labels are
// sealed like any others. rand is as for SealCard.
func SealLabels(labels []string, to age.Recipient, rand io.Reader) ([]byte, error) {
	if err := checkLabels(labels); err != nil {
		return nil, fmt.Errorf("seal labels: %w", err)
	}
	text := strings.Join(labels, " ")
	file, err := sealSmall([]byte(text+strings.Repeat(" ", LabelsSize-1-len(text))+"\n"), to, rand)
	if err == nil && len(file) != LabelsFileSize {
		err = fmt.Errorf("seal labels: %w: the recipient is of another kind", ErrLabels)
	}
	return file, err
}

// OpenLabels opens content labels with one of ids. Who made them is for the statement
// to say that they stand in.
func OpenLabels(file []byte, ids ...age.Identity) ([]string, error) {
	at := LabelsFileSize - int(PayloadSize(LabelsSize))
	if len(file) != LabelsFileSize {
		return nil, fmt.Errorf("open labels: %w: they have another length", ErrLabels)
	}
	if _, err := ParseHeader(file[:at]); err != nil {
		return nil, fmt.Errorf("open labels: %w: %w", ErrLabels, err)
	}
	r, err := age.Decrypt(bytes.NewReader(file), ids...)
	if err != nil {
		return nil, fmt.Errorf("open labels: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("open labels: %w", err)
	}
	return readLabels(text)
}

// readLabels reads what was sealed. There is one spelling.
func readLabels(text []byte) ([]string, error) {
	if len(text) != LabelsSize || text[LabelsSize-1] != '\n' {
		return nil, fmt.Errorf("open labels: %w", ErrLabels)
	}
	var labels []string
	if said := strings.TrimRight(string(text[:LabelsSize-1]), " "); said != "" {
		labels = strings.Split(said, " ")
	}
	if err := checkLabels(labels); err != nil {
		return nil, fmt.Errorf("open labels: %w", err)
	}
	return labels, nil
}
