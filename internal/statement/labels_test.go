package statement_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// Labels that are shorter or longer than all others would tell what she said, and a
// second spelling would carry bits past what is sealed.
func TestSealedLabelsHaveOneLengthAndOneSpelling(t *testing.T) {
	if statement.LabelsSize != envelope.LabelsFileSize {
		t.Fatalf("a statement wants %d bytes of labels, and %d are sealed", statement.LabelsSize, envelope.LabelsFileSize)
	}
	key, body := signer(t), grant(newID(t), 1)
	for name, c := range map[string]struct {
		labels string
		good   bool
	}{
		"none":            {"", true},
		"sealed":          {base64.RawURLEncoding.EncodeToString(make([]byte, statement.LabelsSize)), true},
		"a byte less":     {base64.RawURLEncoding.EncodeToString(make([]byte, statement.LabelsSize-1)), false},
		"a byte more":     {base64.RawURLEncoding.EncodeToString(make([]byte, statement.LabelsSize+1)), false},
		"a second text":   {base64.RawURLEncoding.EncodeToString(make([]byte, statement.LabelsSize-1)) + "AB", false},
		"readable":        {"violence", false},
		"a line in it":    {base64.RawURLEncoding.EncodeToString(make([]byte, statement.LabelsSize)) + "\n", false},
		"another letters": {strings.Repeat("+", 2554), false},
	} {
		body.Labels = c.labels
		_, _, err := key.Sign(statement.Head{Seq: 1}, body)
		if (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
