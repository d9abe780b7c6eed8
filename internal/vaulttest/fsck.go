package vaulttest

import (
	"encoding/json"

	"github.com/relatingfield/vault/internal/app"
)

// Fsck holds everything that the vault stores against everything else, whether it
// serves or not.
func (v *Vault) Fsck(how app.FsckHow) *app.FsckReport {
	v.T.Helper()
	r, err := v.app().Fsck(v.T.Context(), how)
	v.must(err)
	return r
}

// FitsTogether fails the test unless Fsck finds nothing, every digest compared.
func (v *Vault) FitsTogether() {
	v.T.Helper()
	if r := v.Fsck(app.FsckHow{Deep: true}); len(r.Findings) > 0 {
		text, err := json.MarshalIndent(r.Findings, "", "  ")
		v.must(err)
		v.T.Errorf("fsck finds in a vault to which nothing happened:\n%s", text)
	}
}
