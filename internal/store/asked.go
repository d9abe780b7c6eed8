package store

import "context"

// asked marks a context of whose statements somebody counts.
type asked struct{}

// counting is a context with who counts in it. It is no dependency: nothing depends on
// whether anybody does.
type counting struct {
	context.Context
	count func()
}

// Counted gives a context under which count is called for each statement that is asked
// of a database, so that a test can tell whether two requests cost the same work.
func Counted(ctx context.Context, count func()) context.Context { return counting{ctx, count} }

// Value implements context.Context.
func (c counting) Value(key any) any {
	if key == (asked{}) {
		return c.count
	}
	return c.Context.Value(key)
}

// tell counts a statement.
func tell(ctx context.Context) {
	if count, ok := ctx.Value(asked{}).(func()); ok {
		count()
	}
}
