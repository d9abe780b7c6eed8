package fsblob

import "strings"

// nameless is an error of the file system in whose text the object has no name. Such
// texts are logged, and a log that names an object says, to whoever has the database
// too, whose it is and when something happened to it.
type nameless struct {
	err error
	key string
}

// without takes the name of an object out of an error's text.
func without[Key ~string](key Key, err error) error {
	if err == nil {
		return nil
	}
	return nameless{err, string(key)}
}

// Error implements error.
func (n nameless) Error() string { return strings.ReplaceAll(n.err.Error(), n.key, "(an object)") }

// Unwrap gives the error with its name, to be compared and not to be shown.
func (n nameless) Unwrap() error { return n.err }
