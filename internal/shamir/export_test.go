package shamir

// The field, for tests that hold it against its definition.
var (
	Multiply = multiply
	Invert   = invert
)
