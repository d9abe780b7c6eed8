package api_test

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/warning"
)

// keeping tells of evidence: she was shown what it means, and signs that she was.
func (t *testimony) keeping() {
	shown, err := warning.Evidence("en")
	t.must(err)
	sum := shown.SHA256()
	mode := t.her.says(statement.Mode{Testimony: t.id, Mode: statement.Evidence, WarningSHA256: statement.B64(sum[:])})
	t.tell("mode", "She keeps it as evidence", api.Signed{Statement: mode.Compact()})
	t.tell("modeSet", "The receipt", t.accepted(mode))
}
