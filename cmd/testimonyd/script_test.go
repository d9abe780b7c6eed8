package main

import (
	"database/sql"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // the driver
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"testimonyd": main})
}

// What the program says and how it exits is in testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"newer": newer}})
}

// newer FILE writes into a database what a later program's migration would.
func newer(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: newer FILE")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec("INSERT INTO schema_migration (number, name, sha256) VALUES (9999, '9999_later', $1)", "00")
	ts.Check(err)
	ts.Check(db.Close())
}
