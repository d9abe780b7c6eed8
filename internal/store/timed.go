package store

import (
	"context"
	"strings"
)

// timed marks a context of whose statements somebody wants to know how long they take.
type timed struct{}

// timing is a context with who looks in it; as with counting, nothing depends on it.
type timing struct {
	context.Context
	begin func(name string) (end func())
}

// Timed gives a context under which begin is called for each statement and each
// transaction, and what it returned when that is over. The name is "store" for a
// transaction, with the waiting for its turn, and "store X" for the query that is called
// X in the program: never a parameter or a row. Of a query the reading of its rows is
// not in it.
func Timed(ctx context.Context, begin func(name string) (end func())) context.Context {
	return timing{ctx, begin}
}

// Value implements context.Context.
func (c timing) Value(key any) any {
	if key == (timed{}) {
		return c.begin
	}
	return c.Context.Value(key)
}

// clocked begins to time what is called name.
func clocked(ctx context.Context, name string) (end func()) {
	if begin, ok := ctx.Value(timed{}).(func(string) func()); ok {
		return begin(name)
	}
	return func() {}
}

// clockedQuery begins to time a query.
func clockedQuery(ctx context.Context, query string) (end func()) {
	if ctx.Value(timed{}) == nil {
		return func() {}
	}
	return clocked(ctx, "store "+nameOf(query))
}

// nameOf is what sqlc wrote above a query: "-- name: X :one". What has no name is
// "other", for a text of SQL could hold anything.
func nameOf(query string) string {
	if rest, ok := strings.CutPrefix(query, "-- name: "); ok {
		if name, _, ok := strings.Cut(rest, " "); ok && !strings.ContainsAny(name, "\n\t") {
			return name
		}
	}
	return "other"
}
