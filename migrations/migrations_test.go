package migrations_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

// The two folders make one schema, as far as queries and errors can tell.
func TestTheTwoSchemasAreOne(t *testing.T) {
	storetest.Parity(t, migrations.Files)
}

// Every query of every domain is understood by both engines.
func TestEveryQueryIsReadByBothEngines(t *testing.T) {
	storetest.PrepareAll(t, storetest.Generated(t, "../internal")...)
}
