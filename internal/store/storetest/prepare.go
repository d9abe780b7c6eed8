package storetest

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

// PrepareAll fails for every query that one of the engines cannot read against
// the vault's schema.
func PrepareAll(t *testing.T, queries ...string) {
	t.Helper()
	if len(queries) == 0 {
		t.Fatal("no queries to prepare")
	}
	EachWith(t, migrations.Files, func(t *testing.T, db *store.DB) {
		for _, q := range queries {
			// A transaction each, for a failed statement ends its own.
			err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
				s, err := tx.PrepareContext(ctx, q)
				if err != nil {
					return err
				}
				return s.Close()
			})
			if err != nil {
				t.Errorf("%v\n%s", err, q)
			}
		}
	})
}

// Generated collects the queries in the generated Go files under dir: their
// constants, as they are sent to the engines.
func Generated(t *testing.T, dir string) (queries []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql.go") {
			return err
		}
		q, err := constants(path)
		queries = append(queries, q...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return queries
}

// constants reads the text constants of a Go file.
func constants(path string) (texts []string, err error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			for _, v := range s.(*ast.ValueSpec).Values {
				lit, ok := v.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					continue
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					return nil, err
				}
				texts = append(texts, text)
			}
		}
	}
	return texts, nil
}
